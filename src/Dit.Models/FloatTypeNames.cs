using static TorchSharp.torch;

namespace Dit.Models;

/// <summary>Types of numbers as config.json and people write them.</summary>
public static class FloatTypeNames
{
    /// <summary>Such as <c>bfloat16</c>.</summary>
    public static string Name(this ScalarType type) => type.ToString().ToLowerInvariant();
}
