using Dit.Files;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// A diff added to the weights of its base, as a Hugging Face folder like the base's: the same names in the same shards, the same tokenizer and
/// settings. One weight at a time is in memory.
/// </summary>
public static class DiffMerge
{
    private const string WeightSuffix = ".weight";

    /// <summary>Merges low-rank factors.</summary>
    /// <param name="folder">The new folder; whole or not there at all.</param>
    /// <param name="baseFolder">The base.</param>
    /// <param name="source">Where the factors come from, for messages.</param>
    /// <param name="adapter">The factors.</param>
    /// <param name="dtype">The type to round to; null for the types the base is stored in.</param>
    /// <exception cref="DitException">A folder cannot be read or written, a site is not the base's, or rounding leaves nothing of the diff.</exception>
    public static MergeReport Write(string folder, string baseFolder, string source, PeftAdapter adapter, ScalarType? dtype = null)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var deltas = new Dictionary<string, Func<DeltaRows>>(StringComparer.Ordinal);
        using (var model = WeightFiles.Open(baseFolder))
        {
            SiteFit.Require(source, adapter.Sites, model.Sites, baseFolder);
        }

        foreach (var (site, factors) in adapter.Sites)
        {
            var (a, b) = (factors.A.to(ScalarType.Float64).cpu(), factors.B.to(ScalarType.Float64).cpu());
            deltas[site + WeightSuffix] = () => (first, count) => b.narrow(0, first, count).mm(a).Times_(factors.Scaling);
        }

        return Write(folder, baseFolder, source, deltas, dtype);
    }

    /// <summary>Merges the difference of a whole checkpoint. Rows of the embeddings that only one of both has are as in the base.</summary>
    /// <param name="folder">The new folder; whole or not there at all.</param>
    /// <param name="diff">The difference.</param>
    /// <param name="dtype">The type to round to; null for the types the base is stored in.</param>
    /// <exception cref="DitException">A folder cannot be read or written, rounding leaves nothing of the diff, or the base has no place for its output head.</exception>
    public static MergeReport Write(string folder, DenseDiff diff, ScalarType? dtype = null)
    {
        using var untracked = no_grad();
        if (diff.ChangedSites.Count + diff.ChangedElsewhere.Count == 0)
        {
            throw new DitException($"{diff.FinetunedFolder}: expected a finetune of {diff.BaseFolder}, found its very weights: the diff touches no layer");
        }

        if (diff.HasOwnHead)
        {
            throw new DitException($"{diff.FinetunedFolder}: expected the output head to be the embeddings, as in the base {diff.BaseFolder}, "
                + "found one of its own, which a checkpoint with the base's config.json cannot hold");
        }

        var changed = diff.ChangedSites.Select(site => site + WeightSuffix).Concat(diff.ChangedElsewhere);
        return Write(folder, diff.BaseFolder, diff.FinetunedFolder, changed.ToDictionary(name => name, name => (Func<DeltaRows>)(() => diff.RowsOf(name)), StringComparer.Ordinal), dtype);
    }

    private static MergeReport Write(string folder, string baseFolder, string source, Dictionary<string, Func<DeltaRows>> deltas, ScalarType? dtype)
    {
        using var model = CheckpointFolder.Open(baseFolder);
        var tied = ModelConfig.Read(baseFolder).TiedEmbeddings;
        var sums = new RoundedSums(source);
        AtomicFolder.Write(folder, partial =>
        {
            ModelFolderCopy.Fill(partial, model, Merged, dtype);
            if (sums.Report.ChangedNumbers == 0)
            {
                throw new DitException($"{source}: expected a diff that is larger than what {Types(model, dtype)} rounds away, found one that is lost in it: "
                    + $"none of {sums.Report.Numbers} numbers differs from {baseFolder} after rounding");
            }
        });
        return sums.Report;

        PendingTensor Merged(TensorInfo info)
        {
            var canonical = WeightNames.Canonical(info.Name);
            // A file may hold the head of a tied model once more.
            var name = canonical == WeightFiles.Head && tied ? WeightFiles.Embedding : canonical;
            var type = dtype is { } other && is_floating_point(info.Type) ? other : info.Type;
            return new PendingTensor(info.Name, type, info.Shape, () => deltas.TryGetValue(name, out var delta)
                ? sums.Of(info.Name, model.Map(info.Name), type, delta())
                : sums.Of(info.Name, model.Map(info.Name), type));
        }
    }

    private static string Types(CheckpointFolder model, ScalarType? dtype) => dtype is { } type
        ? type.Name()
        : string.Join(" and ", model.TensorNames.Select(name => model.Info(name).Type.Name()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
