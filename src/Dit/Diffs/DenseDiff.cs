using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// What a finetuning changed in a whole checkpoint: finetuned minus base, weight by weight, computed on request from the mapped files and
/// never held together. Both folders stay open until this is disposed.
/// </summary>
public sealed class DenseDiff : IDisposable
{
    private const string WeightSuffix = ".weight";

    private readonly WeightFiles finetuned;
    private readonly WeightFiles basis;
    private readonly long rows;

    private DenseDiff(WeightFiles finetuned, WeightFiles basis)
    {
        (this.finetuned, this.basis) = (finetuned, basis);
        Architecture.Require(finetuned.Folder, finetuned.Config, basis.Config, NameOf(basis.Folder));
        var fit = VocabularyFit.Of(finetuned.Folder, finetuned.Config, basis.Config, basis.Folder);
        rows = fit.Rows;
        Sites = basis.Sites;

        HasOwnHead = basis.Config.TiedEmbeddings && !finetuned.Config.TiedEmbeddings && !IsTiedInFact();
        var sites = Sites.Select(site => site.Name + WeightSuffix).ToHashSet(StringComparer.Ordinal);
        var names = HasOwnHead ? finetuned.Shapes.Keys : basis.Shapes.Keys;
        var changed = names.Where(Differs).ToArray();
        RequireFinite(changed);
        ChangedSites = [.. changed.Where(sites.Contains).Select(name => name[..^WeightSuffix.Length])];
        ChangedElsewhere = [.. changed.Where(name => !sites.Contains(name))];
        Notes = [.. new[] { fit.Note, RoundingNote(changed) }.OfType<string>()];
    }

    /// <summary>The finetuned folder.</summary>
    public string FinetunedFolder => finetuned.Folder;

    /// <summary>The base's folder.</summary>
    public string BaseFolder => basis.Folder;

    /// <summary>All linear layers of both, in the order of the computation.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>The sites whose weights differ, in the order of the computation.</summary>
    public IReadOnlyList<string> ChangedSites { get; }

    /// <summary>The other weights that differ, under their whole names: embeddings, output head, norms, biases.</summary>
    public IReadOnlyList<string> ChangedElsewhere { get; }

    /// <summary>Whether the finetune has an output head of its own where the base's is its embeddings.</summary>
    public bool HasOwnHead { get; }

    /// <summary>What a user should know of how the two were made comparable, each in one sentence.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>
    /// Opens both folders and compares them. A finetune stored in fewer bits than its base counts as changed where it is not the rounded base.
    /// </summary>
    /// <exception cref="DitException">One is damaged, they are of different architectures, or a weight that differs holds numbers that are not finite.</exception>
    public static DenseDiff Between(string finetunedFolder, string baseFolder)
    {
        using var untracked = no_grad();
        var before = WeightFiles.Open(baseFolder);
        WeightFiles? after = null;
        try
        {
            after = WeightFiles.Open(finetunedFolder);
            return new DenseDiff(after, before);
        }
        catch
        {
            after?.Dispose();
            before.Dispose();
            throw;
        }
    }

    /// <summary>Finetuned minus base, float32, of the weight's shape ([out, in] at a site); rows that only one of them has are not in it.</summary>
    /// <param name="siteOrWeight">A site, or the whole name of any weight.</param>
    /// <exception cref="DitException">There is no such weight.</exception>
    public Tensor Delta(string siteOrWeight)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (found, expected) = Pair(siteOrWeight);
        var delta = empty(found.shape, ScalarType.Float32);
        foreach (var (first, count) in RowPieces.Of(found))
        {
            using var piece = NewDisposeScope();
            delta.narrow(0, first, count).copy_(Difference(found.narrow(0, first, count), expected.narrow(0, first, count)));
        }

        return delta.MoveToOuterDisposeScope();
    }

    /// <summary>How much a weight changed, in float64, without its difference being held as a whole.</summary>
    /// <param name="siteOrWeight">A site, or the whole name of any weight.</param>
    /// <exception cref="DitException">There is no such weight.</exception>
    public WeightChange Measure(string siteOrWeight)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (found, expected) = Pair(siteOrWeight);
        var (change, whole) = (0.0, 0.0);
        foreach (var (first, count) in RowPieces.Of(found))
        {
            using var piece = NewDisposeScope();
            var before = expected.narrow(0, first, count);
            change += RowPieces.SquaredNorm(Difference(found.narrow(0, first, count), before));
            whole += RowPieces.SquaredNorm(before);
        }

        return new WeightChange(siteOrWeight, Math.Sqrt(change), Math.Sqrt(whole));
    }

    /// <summary>
    /// A weight's difference a few rows at a time, in float64, zero in rows that only one of both has. The weights belong to the current dispose scope.
    /// </summary>
    internal DeltaRows RowsOf(string name)
    {
        var (found, expected) = Pair(name);
        return (first, count) =>
        {
            var common = Math.Clamp(found.shape[0] - first, 0, count);
            var delta = zeros([count, .. found.shape[1..]], ScalarType.Float64);
            delta.narrow(0, 0, common).Plus_(Some(found)).sub_(Some(expected));
            return delta;

            Tensor Some(Tensor weight) => weight.narrow(0, common == 0 ? 0 : first, common);
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        finetuned.Dispose();
        basis.Dispose();
    }

    private static Tensor Difference(Tensor found, Tensor expected)
    {
        var type = found.dtype == ScalarType.Float64 || expected.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        return found.to(type) - expected.to(type);
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>A weight of both, cut to the rows they have in common.</summary>
    private (Tensor Finetuned, Tensor Base) Pair(string siteOrWeight)
    {
        var name = finetuned.Shapes.ContainsKey(siteOrWeight) || basis.Shapes.ContainsKey(siteOrWeight) ? siteOrWeight : siteOrWeight + WeightSuffix;
        return (Of(finetuned), Of(basis));

        Tensor Of(WeightFiles files)
        {
            var weight = files.Load(name);
            return name is WeightFiles.Embedding or WeightFiles.Head ? weight.narrow(0, 0, rows) : weight;
        }
    }

    private bool IsTiedInFact()
    {
        using var scope = NewDisposeScope();
        return RowPieces.Holds(finetuned.Load(WeightFiles.Head), finetuned.Load(WeightFiles.Embedding));
    }

    private bool Differs(string name)
    {
        using var scope = NewDisposeScope();
        var (found, expected) = Pair(name);
        return !RowPieces.Holds(found, expected);
    }

    private string? RoundingNote(string[] changed)
    {
        using var scope = NewDisposeScope();
        var rounded = Array.Find(changed, name => Pair(name) is var (found, expected) && found.dtype != expected.dtype && found.ElementSize <= expected.ElementSize);
        return rounded is null ? null : $"{finetuned.Folder}: stored in {Pair(rounded).Finetuned.dtype.Name()} and the base in {Pair(rounded).Base.dtype.Name()}; "
            + "what rounding changed is part of the difference";
    }

    private void RequireFinite(string[] changed)
    {
        foreach (var (files, numbers) in new (WeightFiles, Func<string, Tensor>)[] { (finetuned, name => Pair(name).Finetuned), (basis, name => Pair(name).Base) })
        {
            using var scope = NewDisposeScope();
            string[] damaged = [.. changed.Where(name => !RowPieces.IsFinite(numbers(name)))];
            if (damaged.Length > 0)
            {
                throw new DitException($"{files.Folder}: expected finite numbers, found others in {damaged.Length} of {files.Shapes.Count} weights: {Names.Few(damaged)}");
            }
        }
    }
}
