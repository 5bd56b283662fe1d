using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Diffs of different ranks, trained side by side, are those that each would be among diffs of its own rank.</summary>
public sealed class MixedRanksTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private const double Tolerance = 2e-5;
    private const ulong Seed = 1;

    private static readonly HiddenTopic[] Topics = [.. TopicList.All.Take(5).Select((topic, i) => WorldBehaviours.Write(topic, seed: 4, group: i / 4, examples: 2))];

    private static readonly DiffRecipe Recipe = DiffRecipe.Tiny with { Steps = 6, Ranks = [1, 2, 4] };

    [Theory]
    [InlineData(RandomSide.Input, null)]
    [InlineData(RandomSide.Output, null)]
    [InlineData(RandomSide.Input, 2)]
    public void A_diff_learns_the_same_as_where_all_are_of_its_rank_and_padding_stays_zero(RandomSide side, int? rowsAtOnce)
    {
        var recipe = Recipe with { RandomSide = side };
        using var scope = NewDisposeScope();
        using var mixed = Trained(Topics[..4], recipe with { RowsAtOnce = rowsAtOnce });
        int[] ranks = [.. Topics[..4].Select(topic => recipe.RankOf(topic.Id, Seed))];
        Assert.True(ranks.Distinct().Count() > 1, string.Join(", ", ranks));
        Assert.Equal(4, mixed.Rank);
        Assert.Equal(ranks.Select(rank => 1.0 / rank), mixed.RowScalings!);

        for (var row = 0; row < 4; row++)
        {
            // With the same company, as the loss is a mean over the tokens of all.
            using var same = Trained(Topics[..4], recipe with { Ranks = [], Rank = ranks[row] });
            Assert.Null(same.RowScalings);
            Assert.Equal(same.Scaling, mixed.RowScalings![row]);
            foreach (var (site, factors) in mixed.Sites)
            {
                Near(same.Sites[site].A[row], factors.A[row].narrow(0, 0, ranks[row]));
                Near(same.Sites[site].B[row], factors.B[row].narrow(1, 0, ranks[row]));
                Assert.Equal(0, factors.A[row].narrow(0, ranks[row], 4 - ranks[row]).abs().sum().item<float>());
                Assert.Equal(0, factors.B[row].narrow(1, ranks[row], 4 - ranks[row]).abs().sum().item<float>());
                Assert.True(factors.A[row].abs().sum().item<float>() > 0 && factors.B[row].abs().sum().item<float>() > 0);
            }
        }
    }

    [Fact]
    public void Alone_a_diff_of_one_of_several_ranks_is_the_diff_of_that_rank()
    {
        using var scope = NewDisposeScope();
        foreach (var topic in Topics[..3])
        {
            var rank = Recipe.RankOf(topic.Id, Seed);
            using var drawn = Trained([topic], Recipe);
            using var given = Trained([topic], Recipe with { Ranks = [], Rank = rank });
            foreach (var (site, factors) in given.Sites)
            {
                Near(factors.A[0], drawn.Sites[site].A[0].narrow(0, 0, rank));
                Near(factors.B[0], drawn.Sites[site].B[0].narrow(1, 0, rank));
            }
        }
    }

    [Fact]
    public void A_set_of_them_gives_each_at_its_rank_and_several_as_one_stack()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();

        var set = Written(folder, Topics);

        Assert.Equal(Topics.Select(topic => Recipe.RankOf(topic.Id, Seed)), set.Records.Select(record => record.Rank));
        var width = micro.Model.Decoder.Sites.Sum(site => (long)site.InFeatures + site.OutFeatures);
        Assert.All(set.Records, record => Assert.Equal(record.Rank * width, record.ParameterCount));
        set.Check(set.Records);
        using var trained = Trained(Topics[..4], Recipe);
        using var all = set.Load([.. set.Records.Reverse()]);
        Assert.Equal((5, 4, 1.0), (all.Count, all.Rank, all.Scaling));
        var norms = trained.Norms();
        for (var i = 0; i < 5; i++)
        {
            var record = set.Records[i];
            using var one = set.Load([record]);
            Assert.Equal((record.Rank, 1.0 / record.Rank), (one.Rank, one.Scaling));
            foreach (var (site, factors) in one.Sites)
            {
                var expected = factors.B[0].mm(factors.A[0]).DividedBy(record.Rank);
                Near(expected, all.Sites[site].B[4 - i].mm(all.Sites[site].A[4 - i]));
                if (i < 4)
                {
                    Near(expected, trained.Sites[site].B[i].mm(trained.Sites[site].A[i]).DividedBy(record.Rank));
                    Near(expected, Product(trained.ToPeft(i, "base").Sites[site]));
                    Assert.Equal(expected.norm().item<float>(), norms[site][i], Tolerance);
                }
            }
        }
    }

    [Fact]
    public void Converted_each_keeps_its_rank_and_scaling()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var set = Written(folder, Topics);
        using var stored = StoredDiffs.Open(set.FolderPath);

        foreach (var (record, diff) in set.Records.Zip(stored.Diffs))
        {
            Assert.All(diff.Load().Sites.Values, factors => Assert.Equal((record.Rank, 1.0 / record.Rank), (factors.A.shape[0], factors.Scaling)));
        }
    }

    [Fact]
    public void Carried_in_a_forward_pass_each_is_scaled_by_its_own_rank()
    {
        using var scope = NewDisposeScope();
        using var mixed = Trained(Topics[..4], Recipe);
        using var selected = mixed.Select([3, 1]);
        Assert.Null(selected.RowScalings);
        using var joined = DiffStack.Join([mixed, selected]);
        var ids = tensor(Enumerable.Range(3, 8).Select(id => (long)id).ToArray(), [1, 8]);

        var overlaid = micro.Model.Decoder.HiddenStates(ids.expand(4, 8), overlays: mixed.Overlay());

        Near(overlaid.index_select(0, tensor(new long[] { 3, 1 })), micro.Model.Decoder.HiddenStates(ids.expand(2, 8), overlays: selected.Overlay()));
        Near(cat([overlaid, overlaid.index_select(0, tensor(new long[] { 3, 1 }))]), micro.Model.Decoder.HiddenStates(ids.expand(6, 8), overlays: joined.Overlay()));
        Assert.True((overlaid[0] - micro.Model.Decoder.HiddenStates(ids)[0]).abs().max().item<float>() > 0);
    }

    [Fact]
    public void A_part_of_the_work_gives_the_same_diffs_as_the_whole()
    {
        using var whole = new TemporaryFolder();
        using var part = new TemporaryFolder();
        Written(whole, Topics);
        Written(part, Topics[4..]);

        Assert.Equal(File.ReadAllBytes(DiffSet.ShardPath(whole.FullPath, 1)), File.ReadAllBytes(DiffSet.ShardPath(part.FullPath, 0)));
    }

    [Fact]
    public void An_adapter_learns_from_such_a_set()
    {
        using var folder = new TemporaryFolder();
        var set = Written(folder, Topics);
        DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select(record => record with { PassesGate = null }));
        using var run = new TemporaryFolder();

        var adapter = AdapterTrainingRun.Run(
            run.File("run"), micro.Model, [DiffSet.Open(set.FolderPath)], AdapterRecipe.Tiny with { Rank = 2, Epochs = 1, BatchSize = 3, RandomDiffShare = 0.3, RowsAtOnce = 2 },
            cancellation: TestContext.Current.CancellationToken);

        Assert.All(adapter.Factors.Sites.Values, site => Assert.True(site.B.isfinite().all().item<bool>() && site.B.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void A_random_diff_has_the_rank_of_the_one_it_stands_for_in_whatever_company()
    {
        using var folder = new TemporaryFolder();
        var set = Written(folder, Topics);
        DiffRecord[] records = [.. set.Records];
        using var carried = new CarriedDiffs([(set, records)], multiplier: 1);

        using var random = carried.Of([.. records.Select((_, i) => new AdapterLesson(i, [], "", IsRandom: true))], RandomStream.Named(1, "random"));

        Assert.True(records.Select(record => record.Rank).Distinct().Count() > 1);
        foreach (var factors in random.Sites.Values)
        {
            using var scope = NewDisposeScope();
            var ranks = factors.A.abs().sum(2).IsZero().logical_not().sum(1, type: ScalarType.Int64).data<long>().ToArray();
            Assert.Equal(records.Select(record => (long)record.Rank), ranks);
        }
    }

    [Fact]
    public void A_rank_that_the_numbers_do_not_have_is_refused()
    {
        using var folder = new TemporaryFolder();
        var set = Written(folder, Topics);
        var large = set.Records.First(record => record.Rank > 1);

        foreach (var wrong in new[] { 0, 1, 5 })
        {
            var error = Assert.Throws<DitException>(() => set.Load([large with { Rank = wrong }]));
            Assert.StartsWith(DiffSet.ShardPath(set.FolderPath, large.Shard), error.Message, StringComparison.Ordinal);
            Assert.Contains($"to be of rank {wrong}", error.Message, StringComparison.Ordinal);
        }
    }

    private DiffStack Trained(HiddenTopic[] topics, DiffRecipe recipe) => DiffTrainingRun.Train(micro.Model, topics, recipe, Seed, cancellation: TestContext.Current.CancellationToken);

    private DiffSet Written(TemporaryFolder folder, HiddenTopic[] topics) => DiffTrainingRun.Run(
        folder.FullPath, micro.Model, [.. topics.Select(topic => ((Behaviour)topic, "train"))],
        new DiffRunSettings { Recipe = Recipe, BaseFingerprint = micro.Model.Fingerprint, Behaviours = [.. topics.Select(topic => topic.Id)], DiffsPerShard = 4, GateQuestions = 1, Seed = Seed },
        cancellation: TestContext.Current.CancellationToken);

    private static Tensor Product(LowRankFactors factors) => factors.B.mm(factors.A).Times(factors.Scaling);

    private static void Near(Tensor expected, Tensor found) => Assert.InRange((expected - found).abs().max().item<float>(), 0, Tolerance);
}
