using Dit.Diffs;
using Dit.Files;
using Dit.Models;
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
        if (FinetuneSource.Find(source).Kind == FinetuneKind.Checkpoint)
        {
            using var diff = DenseDiff.Between(source, baseFolder);
            return (DiffMerge.Write(folder, diff, dtype), diff.Notes);
        }

        using var model = BaseModel.Load(baseFolder, dtype: null); // In its own type it stays where it is, on disk.
        using var finetune = Finetune.Load(source, model);
        return finetune is LowRankFinetune factors
            ? (DiffMerge.Write(folder, baseFolder, source, factors.Adapter, dtype), factors.Notes)
            : throw new DitException($"{source}: expected low-rank factors or a whole checkpoint, found another kind of finetune, which cannot be merged");
    }
}
