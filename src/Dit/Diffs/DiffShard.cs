using System.Globalization;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// One shard of a diff set: a safetensors file of <c>SITE.lora_A</c> [n, rank, in] and <c>SITE.lora_B</c> [n, out, rank]. Of its numbers
/// only those of the diffs that are asked for are read.
/// </summary>
internal sealed class DiffShard : IDisposable
{
    private const string A = ".lora_A", B = ".lora_B", ScalingKey = "scaling";
    private readonly SafetensorsFile file;

    private DiffShard(SafetensorsFile file, string[] sites, double scaling) => (this.file, Sites, Scaling) = (file, sites, scaling);

    /// <summary>Names of the sites.</summary>
    public IReadOnlyList<string> Sites { get; }

    /// <summary>By which every product is multiplied.</summary>
    public double Scaling { get; }

    /// <summary>How many diffs it holds.</summary>
    public long Count => FactorA(Sites[0]).Shape[0];

    /// <summary>Rank of the factors.</summary>
    public long Rank => FactorA(Sites[0]).Shape[1];

    /// <summary>Writes a shard, whole or not at all.</summary>
    public static void Write(string path, DiffStack diffs)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [ScalingKey] = diffs.Scaling.ToString("R", CultureInfo.InvariantCulture) };
        SafetensorsWriter.Write(path, diffs.Tensors().Select(tensor => KeyValuePair.Create(tensor.Key, tensor.Value.detach())), metadata);
    }

    /// <summary>Opens a shard.</summary>
    /// <exception cref="DitException">It is missing, damaged, or holds anything but stacked factors that go together.</exception>
    public static DiffShard Open(string path)
    {
        var opened = SafetensorsFile.Open(path);
        try
        {
            if (!opened.Metadata.TryGetValue(ScalingKey, out var text) || !double.TryParse(text, CultureInfo.InvariantCulture, out var scaling) || !double.IsFinite(scaling))
            {
                throw new DitException($"{path}: expected the scaling of the diffs in the metadata, found {(text is null ? "none" : $"'{text}'")}");
            }

            var names = SiteNames(path, opened);
            RequireShapes(path, opened, names);
            return new DiffShard(opened, names, scaling);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Memory for the factors of so many diffs like these at a site, [count, rank, in] and [count, out, rank].</summary>
    public StackedFactors Empty(string site, int count)
    {
        var (a, b) = (FactorA(site), FactorB(site));
        return new StackedFactors(empty([count, .. a.Shape[1..]], a.Type), empty([count, .. b.Shape[1..]], b.Type));
    }

    /// <summary>Reads one diff's factors at a site to a place in such memory.</summary>
    public void Read(string site, int row, StackedFactors into, int place)
    {
        using var a = into.A.narrow(0, place, 1);
        using var b = into.B.narrow(0, place, 1);
        file.ReadRow(site + A, row, a);
        file.ReadRow(site + B, row, b);
    }

    /// <summary>Whether another shard has the same sites, and there the same rank, widths, types and scaling.</summary>
    public bool IsLike(DiffShard other) => this == other || (Scaling == other.Scaling && Rank == other.Rank && Sites.SequenceEqual(other.Sites, StringComparer.Ordinal)
        && Sites.All(site => FactorA(site).Shape[2] == other.FactorA(site).Shape[2] && FactorB(site).Shape[1] == other.FactorB(site).Shape[1]
            && FactorA(site).Type == other.FactorA(site).Type && FactorB(site).Type == other.FactorB(site).Type));

    /// <inheritdoc />
    public void Dispose() => file.Dispose();

    private TensorInfo FactorA(string site) => file.Tensors[site + A];

    private TensorInfo FactorB(string site) => file.Tensors[site + B];

    private static string[] SiteNames(string path, SafetensorsFile stored)
    {
        var strange = stored.Tensors.Keys.Where(name => !IsHalf(name, A, B) && !IsHalf(name, B, A)).ToArray();
        if (strange.Length > 0)
        {
            throw new DitException($"{path}: expected lora_A and lora_B for every site, found tensors without their other half: {Names.Few(strange)}");
        }

        string[] names = [.. stored.Tensors.Keys.Where(name => name.EndsWith(A, StringComparison.Ordinal)).Select(name => name[..^A.Length]).Order(StringComparer.Ordinal)];
        return names.Length > 0 ? names : throw new DitException($"{path}: expected stacked lora_A and lora_B factors, found none");

        bool IsHalf(string name, string half, string other) => name.EndsWith(half, StringComparison.Ordinal) && stored.Tensors.ContainsKey(name[..^half.Length] + other);
    }

    private static void RequireShapes(string path, SafetensorsFile stored, string[] names)
    {
        var first = stored.Tensors[names[0] + A].Shape;
        foreach (var name in names)
        {
            var (a, b) = (stored.Tensors[name + A], stored.Tensors[name + B]);
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
