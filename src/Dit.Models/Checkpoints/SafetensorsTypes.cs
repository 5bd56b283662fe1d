using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>The element types of the safetensors format that a tensor here can have, by the names used in headers.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Code, ScalarType Type, int Size)[] All =
    [
        ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("F64", ScalarType.Float64, 8), ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4),
        ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1), ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>The names, for a message that says what would have been right.</summary>
    public static string Codes { get; } = string.Join(", ", All.Select(t => t.Code));

    /// <summary>The type that a header's name stands for, with the bytes an element takes; null if there is none.</summary>
    public static (ScalarType Type, int Size)? Find(string code) =>
        All.Where(t => t.Code == code).Select(t => ((ScalarType, int)?)(t.Type, t.Size)).FirstOrDefault();

    /// <summary>The name that a header has for a type, with the bytes an element takes; null if there is none.</summary>
    public static (string Code, int Size)? Find(ScalarType type) =>
        All.Where(t => t.Type == type).Select(t => ((string, int)?)(t.Code, t.Size)).FirstOrDefault();
}
