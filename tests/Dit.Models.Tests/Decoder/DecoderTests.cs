using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public sealed class DecoderTests : IDisposable
{
    private const double Close = 2e-5;

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    private readonly int[][] rows = [TinyDecoder.Prompt(9, 1), TinyDecoder.Prompt(4, 2), TinyDecoder.Prompt(1, 3), TinyDecoder.Prompt(7, 4)];

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void A_row_gives_the_same_alone_and_among_others_whatever_the_padding_holds()
    {
        foreach (var padding in new[] { 0, 49 })
        {
            var (ids, mask) = TinyDecoder.Padded(padding, rows);
            var together = model.HiddenStates(ids, mask);

            Assert.True(together.isfinite().all().item<bool>());
            AssertRowsAreAsAlone(together, overlays: _ => Overlays.None);
        }
    }

    [Fact]
    public void Padding_leaves_gradients_finite_and_as_without_it()
    {
        var factors = TinyDecoder.RowFactors(model, 1).ToDictionary(f => f.Key, f => new SharedLowRank(f.Value.A[0], f.Value.B[0], 1));
        var trained = factors.Values.SelectMany(f => new[] { f.A, f.B }).ToList();
        trained.ForEach(factor => factor.requires_grad = true);
        var overlays = Overlays.None.With(factors.ToDictionary(f => f.Key, f => (ISiteOverlay)f.Value));
        var (ids, mask) = TinyDecoder.Padded(3, rows);

        (model.HiddenStates(ids, mask, overlays).Squared() * mask.unsqueeze(-1)).sum().backward();
        var padded = trained.ConvertAll(factor => factor.grad!.clone());
        trained.ForEach(factor => factor.grad!.zero_());
        foreach (var row in rows)
        {
            model.HiddenStates(TinyDecoder.Ids(row), overlays: overlays).Squared().sum().backward();
        }

        foreach (var (whole, single) in padded.Zip(trained))
        {
            GoldenModel.AssertClose(single.grad!, whole, 1e-4 * single.grad!.abs().max().item<float>(), 1e-3);
        }

        Assert.All(model.Weights.Values, weight => Assert.Null(weight.grad));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public void Padding_sees_the_tokens_but_no_padding(int more)
    {
        int[] row = [.. rows[1], .. TinyDecoder.Prompt(more, 5)];
        var longer = TinyDecoder.Prompt(row.Length + 5, 6);
        var (ids, mask) = TinyDecoder.Padded(3, row, longer);
        var (others, _) = TinyDecoder.Padded(4, row, longer);
        // What comes out at a padding position: as if it came right behind the tokens, but for its place.
        others[0, row.Length + 2] = tensor(3L);

        var (found, expected) = (model.HiddenStates(ids, mask), model.HiddenStates(others, mask));

        Assert.True(found.isfinite().all().item<bool>());
        GoldenModel.AssertClose(expected[0, row.Length + 2], found[0, row.Length + 2], Close, Close);
        var unmasked = model.HiddenStates(ids);
        Assert.True((unmasked - found)[0].abs().amax(1).narrow(0, row.Length, 5).min().item<float>() > 1e-4);
        GoldenModel.AssertClose(unmasked[1], found[1], Close, Close);
        GoldenModel.AssertClose(unmasked[0].narrow(0, 0, row.Length), found[0].narrow(0, 0, row.Length), Close, Close);
    }

    [Fact]
    public void A_row_of_nothing_but_padding_gives_finite_numbers()
    {
        var (ids, mask) = TinyDecoder.Padded(3, rows[0], rows[1]);
        mask[1] = zeros_like(mask[1]);

        Assert.True(model.HiddenStates(ids, mask).isfinite().all().item<bool>());
    }

    [Fact]
    public void The_future_is_not_seen()
    {
        var changed = (int[])rows[0].Clone();
        changed[6] = (changed[6] + 1) % TinyDecoder.Config.VocabularySize;

        var difference = (model.HiddenStates(TinyDecoder.Ids(rows[0])) - model.HiddenStates(TinyDecoder.Ids(changed))).abs().amax([0, 2]);

        Assert.True(difference.narrow(0, 0, 6).max().item<float>() == 0);
        Assert.True(difference.narrow(0, 6, 3).min().item<float>() > 1e-4);
    }

    [Fact]
    public void A_cache_gives_what_reading_all_at_once_gives_for_rows_of_different_lengths()
    {
        var factors = TinyDecoder.RowFactors(model, rows.Length);
        var overlays = Overlays.None.With(factors);
        int[][] more = [TinyDecoder.Prompt(2, 5), TinyDecoder.Prompt(5, 6), TinyDecoder.Prompt(3, 7), TinyDecoder.Prompt(1, 8)];
        int[][] whole = [.. rows.Zip(more).Select(pair => (int[])[.. pair.First, .. pair.Second, 5, 6])];
        using var frozen = no_grad();
        using var cache = model.NewCache(rows.Length, 20);

        var (ids, mask) = TinyDecoder.Padded(0, rows);
        var first = model.HiddenStates(ids, mask, overlays, cache);
        var (nextIds, nextMask) = TinyDecoder.Padded(9, more);
        var second = model.HiddenStates(nextIds, nextMask, overlays, cache);
        var third = model.HiddenStates(TinyDecoder.Ids([5], [5], [5], [5]), attentionMask: null, overlays, cache);
        var fourth = model.HiddenStates(TinyDecoder.Ids([6], [6], [6], [6]), attentionMask: null, overlays, cache);

        Assert.Equal(whole.Select(row => row.Length), cache.Lengths);
        for (var row = 0; row < rows.Length; row++)
        {
            var pieces = cat(
                [first[row].narrow(0, 0, rows[row].Length), second[row].narrow(0, 0, more[row].Length), third[row], fourth[row]], 0);
            var alone = model.HiddenStates(TinyDecoder.Ids(whole[row]), overlays: overlays.SelectRows(tensor(new long[] { row })));
            GoldenModel.AssertClose(alone[0], pieces, Close, Close);
        }
    }

    [Fact]
    public void A_cache_that_is_full_says_so()
    {
        using var cache = model.NewCache(1, 3);
        model.HiddenStates(TinyDecoder.Ids([1, 2]), cache: cache);

        Assert.Throws<DitException>(() => model.HiddenStates(TinyDecoder.Ids([1, 2]), cache: cache));
        model.HiddenStates(TinyDecoder.Ids([1]), cache: cache);

        Assert.Equal([3], cache.Lengths);
    }

    [Fact]
    public void A_cache_larger_than_the_memory_says_so()
    {
        foreach (var capacity in new[] { int.MaxValue, int.MaxValue / 2 })
        {
            Assert.Contains($"{capacity}", Assert.Throws<DitException>(() => model.NewCache(1000, capacity)).Message);
        }

        using var endless = TinyDecoder.Create(TinyDecoder.Config with { MaxPositions = int.MaxValue });
        Assert.Throws<DitException>(() => Generation.Generator.Generate(endless, [.. Enumerable.Repeat(rows[0], 1000)], new(int.MaxValue), []));
    }

    [Fact]
    public void A_cache_of_other_rows_is_refused()
    {
        using var cache = model.NewCache(2, 3);

        Assert.Throws<DitException>(() => model.HiddenStates(TinyDecoder.Ids([1, 2]), cache: cache));
    }

    [Fact]
    public void Padding_on_the_left_and_other_shapes_are_refused()
    {
        var ids = TinyDecoder.Ids([1, 2, 3], [4, 5, 6]);

        Assert.Throws<DitException>(() => model.HiddenStates(ids, TinyDecoder.Ids([1, 1, 1], [0, 1, 1])));
        Assert.Throws<DitException>(() => model.HiddenStates(ids, TinyDecoder.Ids([1, 1, 1])));
        Assert.Throws<DitException>(() => model.HiddenStates(ids[0]));
        Assert.Throws<DitException>(() => model.HiddenStates(zeros(2, 0, ScalarType.Int64)));
    }

    [Fact]
    public void A_model_first_used_in_inference_mode_can_be_trained_afterwards()
    {
        using (inference_mode())
        {
            model.HiddenStates(TinyDecoder.Ids(rows[0]));
        }

        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        model.HiddenStates(TinyDecoder.Ids(rows[0])).sum().backward();

        Assert.All(model.Weights.Values, weight => Assert.NotNull(weight.grad));
    }

    [Fact]
    public void Nothing_is_left_behind_but_the_result()
    {
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, rows.Length));
        var (ids, mask) = TinyDecoder.Padded(0, rows);
        var next = ids.narrow(1, 0, 1);
        model.HiddenStates(ids, mask).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using var cache = model.NewCache(rows.Length, 10);
        model.HiddenStates(ids, mask, overlays).Dispose();
        model.HiddenStates(ids, mask, overlays, cache).Dispose();
        model.HiddenStates(next, attentionMask: null, overlays, cache).Dispose();
        cache.Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_long_text_gives_what_its_pieces_give()
    {
        using var cache = model.NewCache(2, 300);
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(300, 1), TinyDecoder.Prompt(300, 2));

        var whole = model.HiddenStates(ids);
        var pieces = new[] { (0, 100), (100, 150), (250, 50) }
            .Select(piece => model.HiddenStates(ids.narrow(1, piece.Item1, piece.Item2), cache: cache)).ToList();

        GoldenModel.AssertClose(whole, cat(pieces, 1), Close, Close);
        GoldenModel.AssertClose(whole.narrow(1, 0, 100), model.HiddenStates(ids.narrow(1, 0, 100)), Close, Close);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Any_grouping_of_heads_works_with_and_without_a_cache(int keyValueHeads)
    {
        using var grouped = TinyDecoder.Create(TinyDecoder.Config with { KeyValueHeadCount = keyValueHeads, TiedEmbeddings = false });
        using var cache = grouped.NewCache(1, 9);

        var whole = grouped.HiddenStates(TinyDecoder.Ids(rows[0]));
        var pieces = rows[0].Chunk(2).Select(chunk => grouped.HiddenStates(TinyDecoder.Ids(chunk), cache: cache)).ToList();

        GoldenModel.AssertClose(whole, cat(pieces, 1), Close, Close);
    }

    private void AssertRowsAreAsAlone(Tensor together, Func<int, Overlays> overlays)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = model.HiddenStates(TinyDecoder.Ids(rows[row]), overlays: overlays(row));
            GoldenModel.AssertClose(alone[0], together[row].narrow(0, 0, rows[row].Length), Close, Close);
        }
    }
}
