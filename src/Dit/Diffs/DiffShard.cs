using System.Globalization;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// One shard of a diff set: a safetensors file of <c>SITE.lora_A</c> [n, rank, in] and <c>SITE.lora_B</c> [n, out, rank]. Of its numbers
/// only those of the diffs that are asked for are read. Diffs of different ranks are padded with zeros to the largest, and each has a scaling of
/// its own.
/// </summary>
internal sealed class DiffShard : IDisposable
{
    private const string A = ".lora_A", B = ".lora_B", ScalingKey = "scaling", ScalingsKey = "scalings";
    private readonly SafetensorsFile file;

    private readonly double[] scalings;

    private DiffShard(SafetensorsFile file, string[] sites, double[] scalings, bool isMixed) => (this.file, Sites, this.scalings, IsMixed) = (file, sites, scalings, isMixed);

    /// <summary>Names of the sites.</summary>
    public IReadOnlyList<string> Sites { get; }

    /// <summary>Whether its diffs have ranks and scalings of their own.</summary>
    public bool IsMixed { get; }

    /// <summary>How many diffs it holds.</summary>
    public long Count => FactorA(Sites[0]).Shape[0];

    /// <summary>By which the products of a diff are multiplied.</summary>
    public double ScalingOf(int row) => IsMixed ? scalings[row] : scalings[0];

    /// <summary>Rank of the factors, that of the largest where it is mixed.</summary>
    public long Rank => FactorA(Sites[0]).Shape[1];

    /// <summary>Writes a shard, whole or not at all.</summary>
    public static void Write(string path, DiffStack diffs)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [diffs.RowScalings is null ? ScalingKey : ScalingsKey] = string.Join(',', (diffs.RowScalings ?? [1]).Select(scaling => (diffs.Scaling * scaling).ToString("R", CultureInfo.InvariantCulture))),
        };
        SafetensorsWriter.Write(path, diffs.Tensors().Select(tensor => KeyValuePair.Create(tensor.Key, tensor.Value.detach())), metadata);
    }

    /// <summary>Opens a shard.</summary>
    /// <exception cref="DitException">It is missing, damaged, or holds anything but stacked factors that go together.</exception>
    public static DiffShard Open(string path)
    {
        var opened = SafetensorsFile.Open(path);
        try
        {
            var isMixed = opened.Metadata.TryGetValue(ScalingsKey, out var text);
            if (!isMixed)
            {
                opened.Metadata.TryGetValue(ScalingKey, out text);
            }

            double[] all = text is null ? [] : [.. text.Split(',').Select(one => double.TryParse(one, CultureInfo.InvariantCulture, out var scaling) ? scaling : double.NaN)];
            if (all.Length == 0 || (!isMixed && all.Length > 1) || !Array.TrueForAll(all, double.IsFinite))
            {
                throw new DitException($"{path}: expected the scaling of the diffs in the metadata, found {(text is null ? "none" : $"'{text}'")}");
            }

            var names = SiteNames(path, opened);
            RequireShapes(path, opened, names);
            var shard = new DiffShard(opened, names, all, isMixed);
            return !isMixed || all.Length == shard.Count ? shard : throw new DitException($"{path}: expected {shard.Count} scalings in the metadata, one for every diff, found {all.Length}");
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Memory for the factors of so many diffs like these at a site, [count, rank, in] and [count, out, rank], of a rank up to theirs.</summary>
    public StackedFactors Empty(string site, int count, int rank)
    {
        var (a, b) = (FactorA(site), FactorB(site));
        return new StackedFactors(empty([count, rank, a.Shape[2]], a.Type), empty([count, b.Shape[1], rank], b.Type));
    }

    /// <summary>Reads one diff's factors at a site to a place in such memory.</summary>
    /// <returns>False where the diff is of a larger rank than the memory.</returns>
    public bool Read(string site, int row, StackedFactors into, int place)
    {
        var rank = into.A.shape[1];
        if (rank < Rank)
        {
            using var scope = NewDisposeScope();
            var padded = Empty(site, 1, (int)Rank);
            Read(site, row, padded, 0);
            into.A.narrow(0, place, 1).copy_(padded.A.narrow(1, 0, rank));
            into.B.narrow(0, place, 1).copy_(padded.B.narrow(2, 0, rank));
            var (restA, restB) = (padded.A.narrow(1, rank, Rank - rank), padded.B.narrow(2, rank, Rank - rank));
            return !restA.IsNonzero().any().item<bool>() && !restB.IsNonzero().any().item<bool>();
        }

        using var a = into.A.narrow(0, place, 1);
        using var b = into.B.narrow(0, place, 1);
        file.ReadRow(site + A, row, a);
        file.ReadRow(site + B, row, b);
        return true;
    }

    /// <summary>Whether another shard has the same sites, and there the same rank, widths and types.</summary>
    public bool IsLike(DiffShard other) => this == other || (Rank == other.Rank && IsMixed == other.IsMixed && Sites.SequenceEqual(other.Sites, StringComparer.Ordinal)
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
