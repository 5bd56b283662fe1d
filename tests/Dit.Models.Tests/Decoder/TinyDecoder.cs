using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A small decoder of random weights, and things to add to it and to feed it.</summary>
internal static class TinyDecoder
{
    public static readonly ModelConfig Config = new()
    {
        VocabularySize = 50,
        HiddenSize = 24,
        IntermediateSize = 40,
        LayerCount = 3,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadSize = 10,
    };

    /// <summary>Decoders with the parts of each family, and windows narrower than the texts of the tests.</summary>
    public static readonly IReadOnlyDictionary<string, ModelConfig> Families = new Dictionary<string, ModelConfig>
    {
        ["gemma3"] = Config with
        {
            NormWeight = NormWeight.OneMoreBeforeRounding, NormPlacement = NormPlacement.Around, QueryScalar = 7, Activation = Activation.GeluTanh,
            ScaledEmbeddings = true, Rope = new RopeSettings(1000, new RopeScaling(8)), SlidingRope = new RopeSettings(100),
            SlidingWindow = 4, SlidingLayers = new LayerSet([0, 2]),
        },
        ["llama3"] = Config with
        {
            QueryKeyNorm = QueryKeyNorm.None, TiedEmbeddings = false, Rope = new RopeSettings(5000, new RopeScaling(4, new RopeBands(1, 4, 64))),
        },
        ["llama with biases"] = Config with
        {
            QueryKeyNorm = QueryKeyNorm.None, QueryKeyValueBias = true, AttentionOutputBias = true, FeedForwardBias = true,
        },
        ["qwen2"] = Config with { QueryKeyNorm = QueryKeyNorm.None, QueryKeyValueBias = true },
        ["mistral"] = Config with { QueryKeyNorm = QueryKeyNorm.None, SlidingWindow = 5, SlidingLayers = new LayerSet([0, 1, 2]) },
        ["olmo2"] = Config with
        {
            NormWeight = NormWeight.BeforeRounding, NormPlacement = NormPlacement.Behind, QueryKeyNorm = QueryKeyNorm.WholeProjection,
            TurnsIn32Bits = true,
        },
    };

    public static Decoder Create(ModelConfig? config = null)
    {
        config ??= Config;
        using var random = new Generator(5);
        return new Decoder(config, Decoder.WeightShapes(config).ToDictionary(
            weight => weight.Key,
            weight => weight.Key.EndsWith("norm.weight", StringComparison.Ordinal)
                ? rand(weight.Value, generator: random).Plus(0.5)
                : randn(weight.Value, generator: random).Times(0.4)));
    }

    /// <summary>A pair of factors for every site and row.</summary>
    public static Dictionary<string, RowLowRank> RowFactors(Decoder model, int rows, int rank = 2)
    {
        using var random = new Generator(7);
        return model.Sites.ToDictionary(site => site.Name, site => new RowLowRank(
            randn([rows, rank, site.InFeatures], generator: random).Times(0.2), randn([rows, site.OutFeatures, rank], generator: random).Times(0.2), 0.5));
    }

    public static Overlays With(this Overlays overlays, IEnumerable<KeyValuePair<string, RowLowRank>> factors) =>
        overlays.With(factors.ToDictionary(f => f.Key, f => (ISiteOverlay)f.Value));

    public static int[] Prompt(int length, int seed) => [.. Enumerable.Range(0, length).Select(i => (i * 7 + seed * 11 + i * i) % Config.VocabularySize)];

    public static Tensor Ids(params int[][] rows) => stack(rows.Select(row => tensor(row.Select(id => (long)id).ToArray())));

    /// <summary>Rows of different lengths, padded on the right with some token, and their mask.</summary>
    public static (Tensor Ids, Tensor Mask) Padded(int padding, params int[][] rows)
    {
        var longest = rows.Max(row => row.Length);
        int[] Fill(int[] row, int more) => [.. row, .. Enumerable.Repeat(more, longest - row.Length)];
        return (Ids([.. rows.Select(row => Fill(row, padding))]), Ids([.. rows.Select(row => Fill([.. row.Select(_ => 1)], 0))]));
    }
}
