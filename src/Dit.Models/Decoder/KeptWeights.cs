using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// How a decoder keeps its matrices: the weights of its linear layers, its embeddings and its output head, which are nearly all of its numbers.
/// What is computed with them, and norms and biases, is of the type computed in.
/// </summary>
public enum KeptWeights
{
    /// <summary>In the type computed in.</summary>
    AsComputed,

    /// <summary>In bfloat16 under float32: half the memory, and exactly the numbers of a file in bfloat16.</summary>
    BFloat16,

    /// <summary>In float16 under float32: half the memory, and exactly the numbers of a file in float16.</summary>
    Float16,

    /// <summary>As whole numbers of 8 bits, times a scale for every row, under float32: a quarter of the memory.</summary>
    Int8,
}

/// <summary>Names and types of <see cref="KeptWeights"/>.</summary>
public static class KeptWeightsTypes
{
    /// <summary>Such as <c>int8</c>; null for <see cref="KeptWeights.AsComputed"/>, which is no type of its own.</summary>
    public static string? Name(this KeptWeights kept) => kept.Type()?.Name();

    /// <summary>The type of the numbers that are kept; null for <see cref="KeptWeights.AsComputed"/>.</summary>
    public static ScalarType? Type(this KeptWeights kept) => kept switch
    {
        KeptWeights.BFloat16 => ScalarType.BFloat16,
        KeptWeights.Float16 => ScalarType.Float16,
        KeptWeights.Int8 => ScalarType.Int8,
        _ => null,
    };

    /// <summary>What keeps numbers of this type under float32.</summary>
    internal static KeptWeights? Under32Bits(ScalarType type) => type switch
    {
        ScalarType.Float32 => KeptWeights.AsComputed,
        ScalarType.BFloat16 => KeptWeights.BFloat16,
        ScalarType.Float16 => KeptWeights.Float16,
        ScalarType.Int8 => KeptWeights.Int8,
        _ => null,
    };
}
