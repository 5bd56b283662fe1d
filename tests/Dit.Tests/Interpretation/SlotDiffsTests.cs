using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;

namespace Dit.Interpretation;

public sealed class SlotDiffsTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void Rows_that_come_and_go_carry_their_own_diff_of_whatever_rank_and_sites()
    {
        using var scope = torch.NewDisposeScope();
        PeftAdapter[] adapters = [world.Adapter(seed: 1), world.Adapter(seed: 2, only: "v_proj"), world.Adapter(seed: 3), world.Adapter(seed: 4)];
        var stacked = new List<int>();
        using var carried = new SlotDiffs(Stack, world.Base.Decoder);

        foreach (var rows in new int[][] { [1, 1, -1], [1, 0, 2], [3, -1, 0], [0], [-1, -1], [2, 0] })
        {
            using var batch = torch.NewDisposeScope();
            var overlays = carried.Of(rows);
            for (var row = 0; row < rows.Length; row++)
            {
                foreach (var site in world.Base.Decoder.Sites)
                {
                    var x = torch.randn([rows.Length, 2, site.InFeatures]);
                    var found = overlays.TryGetValue(site.Name, out var overlay) ? overlay.Apply(x)[row] : torch.zeros(2, site.OutFeatures);
                    var expected = rows[row] >= 0 && adapters[rows[row]].Sites.TryGetValue(site.Name, out var own)
                        ? new SharedLowRank(own.A, own.B, own.Scaling).Apply(x)[row]
                        : torch.zeros(2, site.OutFeatures);
                    Assert.True(found.allclose(expected, 1e-4, 1e-5));
                }
            }
        }

        // Each once, until no row carried it any more.
        Assert.Equal([1, 0, 2, 3, 2, 0], stacked);

        DiffStack Stack(IReadOnlyList<int> numbers)
        {
            stacked.AddRange(numbers);
            return DiffStack.Of([.. numbers.Select(number => adapters[number])]);
        }
    }

    [Fact]
    public void Only_the_diffs_of_the_batch_are_kept()
    {
        using var scope = torch.NewDisposeScope();
        PeftAdapter[] adapters = [.. Enumerable.Range(0, 6).Select(seed => world.Adapter(seed: seed))];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var counts = new List<long>();
        using (var carried = new SlotDiffs(numbers => DiffStack.Of([.. numbers.Select(number => adapters[number])]), world.Base.Decoder))
        {
            for (var first = 0; first < 5; first++)
            {
                using var batch = torch.NewDisposeScope();
                carried.Of([first, first + 1]);
                counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        }

        Assert.Single(counts.Distinct());
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
