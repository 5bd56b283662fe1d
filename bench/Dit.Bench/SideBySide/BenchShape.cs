using Dit.Models.Decoding;

namespace Dit.Bench.SideBySide;

/// <summary>The sizes of a model, with random weights, and the work that is measured on it.</summary>
/// <param name="Name">What it is called on the command line and in the documentation.</param>
/// <param name="Config">The model.</param>
/// <param name="Works">What is measured.</param>
internal sealed record BenchShape(string Name, ModelConfig Config, IReadOnlyList<Work> Works)
{
    /// <summary>How many steps of one example of each kind a diff's recipe has: the paper's 100 with two examples each.</summary>
    public int StepsPerDiff { get; init; } = 200;

    /// <summary>How many diffs the peers ask, one after another; they are not asked faster where there are more.</summary>
    public int AskedByPeers { get; init; } = 8;

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, BenchShape> All { get; } = new[]
    {
        new BenchShape("tiny", Model(vocabulary: 3072, hidden: 128, inner: 384, layers: 4, heads: 4, keyHeads: 2, headSize: 32),
        [
            // A training has thousands of such steps, of which .NET needs some hundred to compile what is run often.
            new(WorkKind.Adapter, 8, 48, 12) { Warmup = 150, Steps = 50 },
            new(WorkKind.Diffs, 48, 48, 12) { Warmup = 12, Steps = 8 },
            new(WorkKind.Answers, 100, 16, 16) { Warmup = 3, Steps = 10 },
        ]) { StepsPerDiff = 250, AskedByPeers = 100 },
        // The shipped base and what its recipe trains on, on average.
        new BenchShape("tiny-base", Model(vocabulary: 16_000, hidden: 128, inner: 384, layers: 5, heads: 4, keyHeads: 2, headSize: 32),
        [
            new(WorkKind.Diffs, 24, 36, 17) { Warmup = 10, Steps = 10 },
        ]) { StepsPerDiff = 250 },
        new BenchShape("60m", Model(vocabulary: 32_000, hidden: 512, inner: 1536, layers: 14, heads: 8, keyHeads: 4, headSize: 64),
        [
            new(WorkKind.Adapter, 8, 48, 12) { Warmup = 5, Steps = 10 },
            new(WorkKind.Diffs, 8, 64, 16) { Steps = 3 },
            new(WorkKind.Answers, 100, 16, 16) { Steps = 2 },
        ]) { AskedByPeers = 20 },
        new BenchShape("qwen3-0.6b", CheckpointShape.All["qwen3-0.6b"],
        [
            new(WorkKind.Adapter, 8, 48, 12),
            new(WorkKind.Diffs, 8, 64, 16) { DenseDiffsFit = false },
            new(WorkKind.Answers, 100, 16, 16),
        ]),
    }.ToDictionary(shape => shape.Name, StringComparer.Ordinal);

    /// <summary>A small Qwen3.</summary>
    public static ModelConfig Model(int vocabulary, int hidden, int inner, int layers, int heads, int keyHeads, int headSize) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = inner,
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = keyHeads,
        HeadSize = headSize,
    };
}
