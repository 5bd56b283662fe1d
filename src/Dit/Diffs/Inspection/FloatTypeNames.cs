using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>Float types as config.json and people write them.</summary>
public static class FloatTypeNames
{
    /// <summary>Such as <c>bfloat16</c>.</summary>
    public static string Name(this ScalarType type) => type switch
    {
        ScalarType.BFloat16 => "bfloat16",
        _ => type.ToString().ToLowerInvariant(),
    };
}
