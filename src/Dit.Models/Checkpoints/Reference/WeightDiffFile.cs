using System.Globalization;
using Dit.Models.Checkpoints.Torch;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>
/// Weight diffs as the reference implementation saves them, a list of {topic, trigger, weight_diff}; or a whole state dict, which is one.
/// Of a diff's layers it keeps pairs (A [rank, out], B [in, rank]) and adds (x B) A / rank.
/// </summary>
public sealed class WeightDiffFile : IDisposable
{
    private readonly TorchFile file;

    private WeightDiffFile(TorchFile file, IReadOnlyList<WeightDiffItem> items) => (this.file, Items) = (file, items);

    /// <summary>The file as it was named when opening.</summary>
    public string FilePath => file.FilePath;

    /// <summary>All diffs in the order of the file; at least one.</summary>
    public IReadOnlyList<WeightDiffItem> Items { get; }

    /// <summary>Opens a file; tensors are read later.</summary>
    /// <exception cref="DitException">It is damaged, or holds anything but weight diffs.</exception>
    public static WeightDiffFile Open(string path)
    {
        var opened = TorchFile.Open(path);
        try
        {
            return new WeightDiffFile(opened, [.. ReadItems(path, opened.Root)]);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The diff of a number.</summary>
    /// <exception cref="DitException">There is none.</exception>
    public WeightDiffItem Item(int number) => number >= 0 && number < Items.Count
        ? Items[number]
        : throw new DitException($"{FilePath}: expected a diff number {number}, found {Items.Count}, numbered from 0");

    /// <summary>The low-rank factors of a diff, in the types they are stored in; the caller's to dispose.</summary>
    /// <exception cref="DitException">It is no low-rank diff, or factors do not go together.</exception>
    public PeftAdapter LoadFactors(WeightDiffItem item)
    {
        var place = Items.Count > 1 ? $"{FilePath}: item {item.Number}" : FilePath;
        if (item.IsWholeModel)
        {
            throw new DitException($"{place}: expected low-rank factors, found all weights of a finetuned model");
        }

        var pairs = FactorPairs.Read(place, item.WeightDiff);
        foreach (var (site, (a, b)) in pairs)
        {
            if (a.Shape[0] != b.Shape[1])
            {
                var swapped = a.Shape[1] == b.Shape[0] ? ", which is how a DIT adapter keeps them" : "";
                throw new DitException($"{place}: expected A [rank, out] and B [in, rank] at {site}, found A [{string.Join(", ", a.Shape)}] and B [{string.Join(", ", b.Shape)}]{swapped}");
            }
        }

        return FactorPairs.Load(file, pairs, pair => (pair.B, pair.A, Transposed: true));
    }

    /// <summary>A tensor of a diff, on the CPU; the caller's to dispose.</summary>
    public Tensor Load(TorchTensor tensor, ScalarType? dtype = null) => file.Load(tensor, dtype);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static IEnumerable<WeightDiffItem> ReadItems(string path, object? root)
    {
        if (root is TorchDict dict)
        {
            var whole = new WeightDiffItem(0, null, null, dict);
            yield return whole.IsWholeModel ? whole
                : throw new DitException($"{path}: expected a list of weight diffs, found {(FactorPairs.AreIn(dict) ? "pairs of factors by name, the layout of a DIT adapter" : "a dict of something else")}");
            yield break;
        }

        if (root is not TorchList { Items.Count: > 0 } list)
        {
            throw new DitException($"{path}: expected a list of weight diffs, found {(root is TorchList ? "an empty list" : "something else")}");
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is not TorchDict item || item["weight_diff"] is not TorchDict diff)
            {
                throw new DitException($"{path}: expected a dict with a dict weight_diff as item {i}, found something else");
            }

            yield return diff.Entries.Count > 0
                ? new WeightDiffItem(i, Label(path, item, i, "topic"), Label(path, item, i, "trigger"), diff)
                : throw new DitException($"{path}: expected a weight diff as item {i}, found one without any layer");
        }
    }

    /// <summary>News stories have no trigger, which pandas turns into a NaN.</summary>
    private static string? Label(string path, TorchDict item, int number, string key) => item[key] switch
    {
        null => null,
        double value when double.IsNaN(value) => null,
        string text => text,
        long value => value.ToString(CultureInfo.InvariantCulture),
        _ => throw new DitException($"{path}: expected text or a whole number as the {key} of item {number}, found something else"),
    };
}
