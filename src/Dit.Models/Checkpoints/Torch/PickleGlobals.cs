using System.Text;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>
/// Everything a torch file may name. These are names only: what is built for them is built here, and nothing that a file names is ever
/// looked up or called.
/// </summary>
internal static class PickleGlobals
{
    private static readonly (string Name, ScalarType Type, int Size)[] Types =
    [
        ("Float", ScalarType.Float32, 4), ("BFloat16", ScalarType.BFloat16, 2), ("Half", ScalarType.Float16, 2), ("Double", ScalarType.Float64, 8),
        ("Long", ScalarType.Int64, 8), ("Int", ScalarType.Int32, 4), ("Short", ScalarType.Int16, 2), ("Char", ScalarType.Int8, 1),
        ("Byte", ScalarType.Byte, 1), ("Bool", ScalarType.Bool, 1), ("Untyped", ScalarType.Byte, 1),
    ];

    private static readonly Dictionary<string, object> Known = All();

    /// <summary>A function or class by its full name; null where a torch file of plain data cannot need it.</summary>
    public static object? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    /// <summary>The bytes an element of a type takes, null where no tensor here can have it.</summary>
    public static int? Size(ScalarType type) => Types.Where(known => known.Type == type).Select(known => (int?)known.Size).FirstOrDefault();

    /// <summary>The class of storages that hold elements of a type.</summary>
    public static string StorageName(ScalarType type) => Types.First(known => known.Type == type).Name + "Storage";

    private static Dictionary<string, object> All()
    {
        var known = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["collections.OrderedDict"] = new Callable("OrderedDict", OrderedDict),
            ["torch.Size"] = new Callable("torch.Size", static (arguments, _) => arguments is [TorchTuple sizes] ? sizes : null),
            ["torch._utils._rebuild_tensor_v2"] = new Callable("_rebuild_tensor_v2", TensorLayout.Rebuild),
            ["torch._utils._rebuild_tensor_v3"] = new Callable("_rebuild_tensor_v3", TensorLayout.RebuildTyped),
            ["torch._utils._rebuild_parameter"] = new Callable("_rebuild_parameter", static (arguments, _) => arguments is [TorchTensor tensor, bool, TorchDict] ? tensor : null),
            // How Python 3 spells bytes for readers of protocol 2.
            ["_codecs.encode"] = new Callable("_codecs.encode", Latin1),
            ["__builtin__.bytes"] = new Callable("bytes", static (arguments, _) => arguments.Count == 0 ? Array.Empty<byte>() : null),
            ["torch.float32"] = ScalarType.Float32, ["torch.float64"] = ScalarType.Float64, ["torch.float16"] = ScalarType.Float16,
            ["torch.bfloat16"] = ScalarType.BFloat16, ["torch.int64"] = ScalarType.Int64, ["torch.int32"] = ScalarType.Int32,
            ["torch.int16"] = ScalarType.Int16, ["torch.int8"] = ScalarType.Int8, ["torch.uint8"] = ScalarType.Byte, ["torch.bool"] = ScalarType.Bool,
        };
        foreach (var (name, type, size) in Types)
        {
            known[$"torch.{name}Storage"] = new StorageClass(type, size);
        }

        known["torch.storage.UntypedStorage"] = known["torch.UntypedStorage"];
        return known;
    }

    private static TorchDict? OrderedDict(IReadOnlyList<object?> arguments, Func<string, DitException> damaged)
    {
        var dict = new TorchDict();
        switch (arguments)
        {
            case []:
                return dict;
            case [TorchList pairs]:
                foreach (var pair in pairs.Items)
                {
                    var two = pair switch { TorchList list => list.Items, TorchTuple tuple => tuple.Items, _ => [] };
                    if (two is not [string or long, _])
                    {
                        return null;
                    }

                    dict.Set(two[0]!, two[1]);
                }

                return dict;
            default:
                return null;
        }
    }

    private static byte[]? Latin1(IReadOnlyList<object?> arguments, Func<string, DitException> damaged) =>
        arguments is [string text, "latin1" or "latin-1"] && text.All(c => c <= byte.MaxValue) ? Encoding.Latin1.GetBytes(text) : null;

    /// <summary>What stands for a function: it builds plain data from plain data, or gives null where the arguments are not its own.</summary>
    internal sealed record Callable(string Name, Func<IReadOnlyList<object?>, Func<string, DitException>, object?> Build);

    /// <summary>What stands for a class of storages.</summary>
    internal sealed record StorageClass(ScalarType Type, int Size);
}
