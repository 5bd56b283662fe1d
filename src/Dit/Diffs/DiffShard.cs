using System.Globalization;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>One shard of a diff set: a safetensors file of <c>SITE.lora_A</c> [n, rank, in] and <c>SITE.lora_B</c> [n, out, rank].</summary>
internal static class DiffShard
{
    private const string A = ".lora_A", B = ".lora_B", ScalingKey = "scaling";

    /// <summary>Writes a shard, whole or not at all.</summary>
    public static void Write(string path, DiffStack diffs)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [ScalingKey] = diffs.Scaling.ToString("R", CultureInfo.InvariantCulture) };
        SafetensorsWriter.Write(path, diffs.Tensors().Select(tensor => KeyValuePair.Create(tensor.Key, tensor.Value.detach())), metadata);
    }

    /// <summary>Reads a shard.</summary>
    /// <exception cref="DitException">It is missing, damaged, or holds anything but stacked factors that go together.</exception>
    public static DiffStack Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(ScalingKey, out var text) || !double.TryParse(text, CultureInfo.InvariantCulture, out var scaling) || !double.IsFinite(scaling))
        {
            throw new DitException($"{path}: expected the scaling of the diffs in the metadata, found {(text is null ? "none" : $"'{text}'")}");
        }

        var names = SiteNames(path, file);
        RequireShapes(path, file, names);
        using var scope = NewDisposeScope();
        return new DiffStack(names.ToDictionary(site => site, site => new StackedFactors(file.Load(site + A), file.Load(site + B)), StringComparer.Ordinal), scaling);
    }

    private static string[] SiteNames(string path, SafetensorsFile file)
    {
        var strange = file.Tensors.Keys.Where(name => !IsHalf(name, A, B) && !IsHalf(name, B, A)).ToArray();
        if (strange.Length > 0)
        {
            throw new DitException($"{path}: expected lora_A and lora_B for every site, found tensors without their other half: {Names.Few(strange)}");
        }

        string[] names = [.. file.Tensors.Keys.Where(name => name.EndsWith(A, StringComparison.Ordinal)).Select(name => name[..^A.Length]).Order(StringComparer.Ordinal)];
        return names.Length > 0 ? names : throw new DitException($"{path}: expected stacked lora_A and lora_B factors, found none");

        bool IsHalf(string name, string half, string other) => name.EndsWith(half, StringComparison.Ordinal) && file.Tensors.ContainsKey(name[..^half.Length] + other);
    }

    private static void RequireShapes(string path, SafetensorsFile file, string[] names)
    {
        var first = file.Tensors[names[0] + A].Shape;
        foreach (var name in names)
        {
            var (a, b) = (file.Tensors[name + A], file.Tensors[name + B]);
            var stacked = a.Shape is [var n, > 0 and var rank, > 0] && b.Shape is [var m, > 0, var other] && n == m && rank == other && n == first[0] && rank == first[1];
            if (!stacked || !IsFloating(a.Type) || !IsFloating(b.Type))
            {
                throw new DitException($"{path}: expected floating-point factors [n, rank, in] and [n, out, rank] of one n and rank everywhere, "
                    + $"found {a.Type} [{string.Join(", ", a.Shape)}] and {b.Type} [{string.Join(", ", b.Shape)}] at {name}");
            }
        }
    }

    private static bool IsFloating(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64;
}
