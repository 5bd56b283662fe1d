using Dit.Diffs;
using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Any finetune as a whole checkpoint of its own.</summary>
public static class FinetuneMerge
{
    /// <summary>Adds a finetune to its base (see <see cref="DiffMerge"/>).</summary>
    /// <param name="folder">The new folder; whole or not there at all.</param>
    /// <param name="source">What <see cref="Finetune.Load"/> takes.</param>
    /// <param name="baseFolder">The base it is a finetune of.</param>
    /// <param name="dtype">The type to round to; null for the types the base is stored in.</param>
    /// <returns>What became of the diff, and what a user should know of how it was made to fit the base.</returns>
    /// <exception cref="DitException">It is no finetune of this base, cannot be held by a checkpoint like the base, or is lost in rounding.</exception>
    public static (MergeReport Report, IReadOnlyList<string> Notes) Write(string folder, string source, string baseFolder, ScalarType? dtype = null)
    {
        AtomicFolder.RequireEmpty(folder);
        var found = FinetuneSource.Find(source);
        if (found.Kind == FinetuneKind.Checkpoint)
        {
            return OfCheckpoint(folder, source, baseFolder, dtype);
        }

        if (found.Kind is FinetuneKind.TorchFile or FinetuneKind.ReferenceIndex)
        {
            var diff = ReferenceDiff.Of(source, found);
            using var file = WeightDiffFile.Open(diff.Path);
            if (diff.In(file) is { IsWholeModel: true } item)
            {
                return OfWeights(folder, file, item, baseFolder, dtype);
            }
        }

        return (OfFactors(folder, source, baseFolder, dtype), []);
    }

    private static MergeReport OfFactors(string folder, string source, string baseFolder, ScalarType? dtype)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        using var stored = StoredDiffs.Open(source);
        var diff = stored.Only(source);
        if (diff.BaseFingerprint is { } fingerprint)
        {
            SiteFit.RequireBase(diff.Source, fingerprint, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(baseFolder))), BaseFingerprint.Of(baseFolder));
        }

        var adapter = diff.Load();
        return SiteFit.ChangesAnything(adapter.Sites)
            ? DiffMerge.Write(folder, baseFolder, diff.Source, adapter, dtype)
            : throw new DitException($"{diff.Source}: expected a diff that changes something, found one that touches no layer");
    }

    private static (MergeReport Report, IReadOnlyList<string> Notes) OfCheckpoint(string folder, string source, string baseFolder, ScalarType? dtype)
    {
        using var diff = DenseDiff.Between(source, baseFolder);
        return (DiffMerge.Write(folder, diff, dtype), diff.Notes);
    }

    /// <summary>A state dict becomes a checkpoint in its own types first, beside the target, and is then treated as one.</summary>
    private static (MergeReport Report, IReadOnlyList<string> Notes) OfWeights(string folder, WeightDiffFile file, WeightDiffItem item, string baseFolder, ScalarType? dtype)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + ".weights" + AtomicFile.PartialSuffix;
        try
        {
            StateDictFolder.Write(own, file, item, baseFolder);
            return OfCheckpoint(folder, own, baseFolder, dtype);
        }
        finally
        {
            if (Directory.Exists(own))
            {
                Directory.Delete(own, recursive: true);
            }
        }
    }
}
