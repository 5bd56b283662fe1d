using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>What every family's decoder has to keep, whatever it computes: batches, caches, long texts, additions, types.</summary>
public sealed class FamilyDecoderTests : IDisposable
{
    private const double Close = 5e-5;

    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Families => [.. TinyDecoder.Families.Keys];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void A_row_gives_the_same_alone_and_beside_longer_ones(string family)
    {
        using var model = TinyDecoder.Create(TinyDecoder.Families[family]);
        int[][] rows = [TinyDecoder.Prompt(1, 1), TinyDecoder.Prompt(20, 2), TinyDecoder.Prompt(7, 3)];
        var (ids, mask) = TinyDecoder.Padded(4, rows);

        var together = model.HiddenStates(ids, mask);

        Assert.True(together.isfinite().all().item<bool>());
        AssertRowsAreAsAlone(model, rows, together);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Padding_longer_than_a_window_leaves_gradients_finite(string family)
    {
        using var model = TinyDecoder.Create(TinyDecoder.Families[family]);
        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        foreach (var longest in new[] { 20, 200 })
        {
            int[][] rows = [TinyDecoder.Prompt(2, 1), TinyDecoder.Prompt(longest, 2)];
            var (ids, mask) = TinyDecoder.Padded(4, rows);

            var together = model.HiddenStates(ids, mask);
            (together * mask.unsqueeze(-1)).Squared().sum().backward();

            AssertRowsAreAsAlone(model, rows, together);
            Assert.All(model.Weights.Values, weight => Assert.True(weight.grad?.isfinite().all().item<bool>() ?? true));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_cache_gives_what_reading_all_at_once_gives(string family)
    {
        using var model = TinyDecoder.Create(TinyDecoder.Families[family]);
        // Longer and shorter than the windows, before and behind the first pass.
        int[][] rows = [TinyDecoder.Prompt(11, 1), TinyDecoder.Prompt(2, 2), TinyDecoder.Prompt(6, 3)];
        int[][] more = [TinyDecoder.Prompt(1, 5), TinyDecoder.Prompt(9, 6), TinyDecoder.Prompt(4, 7)];
        using var frozen = no_grad();
        using var cache = model.NewCache(rows.Length, 30);

        var (ids, mask) = TinyDecoder.Padded(0, rows);
        var first = model.HiddenStates(ids, mask, cache: cache);
        var (nextIds, nextMask) = TinyDecoder.Padded(9, more);
        var second = model.HiddenStates(nextIds, nextMask, cache: cache);
        var third = model.HiddenStates(TinyDecoder.Ids([5], [6], [7]), cache: cache);

        for (var row = 0; row < rows.Length; row++)
        {
            var pieces = cat([first[row].narrow(0, 0, rows[row].Length), second[row].narrow(0, 0, more[row].Length), third[row]], 0);
            GoldenModel.AssertClose(model.HiddenStates(TinyDecoder.Ids([.. rows[row], .. more[row], 5 + row]))[0], pieces, Close, Close);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_long_text_gives_what_its_pieces_give(string family)
    {
        var config = TinyDecoder.Families[family];
        foreach (var window in config.SlidingWindow is null ? new int?[] { null } : [5, 70, 140, 299, 300])
        {
            using var model = TinyDecoder.Create(config with { SlidingWindow = window });
            using var cache = model.NewCache(2, 300);
            var ids = TinyDecoder.Ids(TinyDecoder.Prompt(300, 1), TinyDecoder.Prompt(300, 2));

            var whole = model.HiddenStates(ids);
            var pieces = new[] { (0, 100), (100, 150), (250, 50) }
                .Select(piece => model.HiddenStates(ids.narrow(1, piece.Item1, piece.Item2), cache: cache)).ToList();
            using var other = model.NewCache(2, 300);

            GoldenModel.AssertClose(cat(pieces, 1), whole, Close, Close);
            GoldenModel.AssertClose(whole, model.HiddenStates(ids, cache: other), Close, Close);
            GoldenModel.AssertClose(whole, model.HiddenStates(ids, ones_like(ids)), Close, Close);
            GoldenModel.AssertClose(whole.narrow(1, 0, 100), model.HiddenStates(ids.narrow(1, 0, 100)), Close, Close);
        }
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("mistral")]
    public void What_left_every_window_is_not_seen(string family)
    {
        var config = TinyDecoder.Families[family] with { SlidingLayers = new LayerSet([0, 1, 2]), SlidingWindow = 4 };
        using var model = TinyDecoder.Create(config);
        foreach (var length in new[] { 30, 160 })
        {
            var (row, changed) = (TinyDecoder.Prompt(length, 1), TinyDecoder.Prompt(length, 1));
            changed[2] = (changed[2] + 1) % config.VocabularySize;

            var difference = (model.HiddenStates(TinyDecoder.Ids(row)) - model.HiddenStates(TinyDecoder.Ids(changed))).abs().amax([0, 2]);

            // Three layers look back three tokens each.
            Assert.True(difference.narrow(0, 2, 3 * 3 + 1).min().item<float>() > 0);
            Assert.Equal(0, difference.narrow(0, 12, length - 12).max().item<float>());
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Differences_added_at_all_sites_are_differences_of_the_weights(string family)
    {
        var config = TinyDecoder.Families[family];
        using var model = TinyDecoder.Create(config);
        var deltas = model.Sites.ToDictionary(site => site.Name, site => randn(site.OutFeatures, site.InFeatures).Times(0.1));
        using var merged = new Decoder(config, model.Weights.ToDictionary(
            weight => weight.Key,
            weight => deltas.TryGetValue(weight.Key[..weight.Key.LastIndexOf('.')], out var delta) && weight.Key.EndsWith(".weight", StringComparison.Ordinal)
                ? weight.Value.Plus(delta)
                : weight.Value.clone()));
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(9, 1), TinyDecoder.Prompt(9, 2));

        var added = model.HiddenStates(ids, overlays: Overlays.None.With(deltas.ToDictionary(d => d.Key, d => (ISiteOverlay)new DenseDelta(d.Value))));

        GoldenModel.AssertClose(merged.HiddenStates(ids), added, Close, Close);
        Assert.True((added - model.HiddenStates(ids)).abs().max().item<float>() > 0.1);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Fewer_bits_give_nearly_the_same(string family)
    {
        var config = TinyDecoder.Families[family];
        using var model = TinyDecoder.Create(config);
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(12, 1), TinyDecoder.Prompt(12, 2));
        foreach (var type in new[] { ScalarType.BFloat16, ScalarType.Float16 })
        {
            using var narrow = new Decoder(config, model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(type)));
            using var rounded = new Decoder(config, narrow.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.Float32)));
            using var cache = narrow.NewCache(2, 12);

            var exact = rounded.HiddenStates(ids);
            var found = narrow.HiddenStates(ids);
            var pieces = cat([.. ids.split(5, 1).Select(piece => narrow.HiddenStates(piece, cache: cache))], 1);

            Assert.Equal(type, found.dtype);
            Assert.True((found - exact).norm().item<float>() < 0.06 * exact.norm().item<float>(), $"{type}");
            Assert.True((pieces - exact).norm().item<float>() < 0.06 * exact.norm().item<float>(), $"{type} with a cache");
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public void Very_low_scores_in_16_bits_leave_padding_finite(int longest)
    {
        var config = TinyDecoder.Families["mistral"];
        using var wide = TinyDecoder.Create(config);
        // Keys look away from queries, so that every score is far below 0.
        using var model = new Decoder(config, wide.Weights.ToDictionary(weight => weight.Key, weight => (weight.Key switch
        {
            var name when name.Contains("q_proj", StringComparison.Ordinal) => weight.Value.abs().Times(8),
            var name when name.Contains("k_proj", StringComparison.Ordinal) => weight.Value.abs().Times(-8),
            var name when name.Contains("embed", StringComparison.Ordinal) => weight.Value.abs(),
            _ => weight.Value,
        }).to(ScalarType.Float16)));
        var (ids, mask) = TinyDecoder.Padded(4, TinyDecoder.Prompt(2, 1), TinyDecoder.Prompt(longest, 2));

        Assert.True(model.HiddenStates(ids, mask).isfinite().all().item<bool>());
    }

    private static void AssertRowsAreAsAlone(Decoder model, int[][] rows, Tensor together)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = model.HiddenStates(TinyDecoder.Ids(rows[row]));
            GoldenModel.AssertClose(alone[0], together[row].narrow(0, 0, rows[row].Length), Close, Close);
        }
    }
}
