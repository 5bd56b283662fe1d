using Dit.Models.Decoding;

namespace Dit.Bench.SideBySide;

/// <summary>Sizes at which everything is counted by hand and computed in a moment.</summary>
internal static class Micro
{
    /// <summary>34 numbers in the linear layers, 31 in a diff of rank 1, 10 in the output head.</summary>
    public static readonly ModelConfig Counted = BenchShape.Model(vocabulary: 5, hidden: 2, inner: 3, layers: 1, heads: 1, keyHeads: 1, headSize: 2);

    public static readonly ModelConfig Computed = BenchShape.Model(vocabulary: 97, hidden: 16, inner: 24, layers: 2, heads: 4, keyHeads: 2, headSize: 8);
}
