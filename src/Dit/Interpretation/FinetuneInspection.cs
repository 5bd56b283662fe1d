using Dit.Diffs;
using Dit.Diffs.Inspection;
using Dit.Models.Checkpoints.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Inspects whatever <see cref="Finetune.Load"/> loads, without building a model.</summary>
public static class FinetuneInspection
{
    /// <summary>The base that a source says it was made for, by fingerprint; null where it does not say.</summary>
    /// <exception cref="DitException">There is no such source, or what it says is damaged.</exception>
    public static string? BaseFingerprintOf(string source)
    {
        var found = FinetuneSource.Find(source);
        return found.Kind switch
        {
            FinetuneKind.Adapter => DiffCard.Read(found.Folder)?.BaseFingerprint,
            FinetuneKind.DiffSet => DiffSet.Open(found.Folder).ReadBaseFingerprint(),
            _ => null,
        };
    }

    /// <summary>The whole set that a source names; null where it names one diff.</summary>
    /// <exception cref="DitException">The source is missing or damaged.</exception>
    public static DiffSetInspection? ReadSet(string source, InspectionBase? model)
    {
        var found = FinetuneSource.Find(source);
        return found is { Kind: FinetuneKind.DiffSet, Id: null } && DiffSet.Open(found.Folder) is { Records.Count: not 1 } set ? DiffSetInspection.Of(set, model) : null;
    }

    /// <summary>Inspects one diff.</summary>
    /// <param name="source">A PEFT adapter folder, one diff of a set, or a finetuned checkpoint.</param>
    /// <param name="model">The base; only a checkpoint cannot do without.</param>
    /// <exception cref="DitException">The source is missing or damaged, or a checkpoint comes without its base.</exception>
    public static DiffInspection Read(string source, InspectionBase? model)
    {
        var found = FinetuneSource.Find(source);
        switch (found.Kind)
        {
            case FinetuneKind.Adapter:
                return DiffInspector.OfFolder(source, model);
            case FinetuneKind.Checkpoint:
                return DiffInspector.OfCheckpoint(
                    source, model ?? throw new DitException($"{source}: expected the base beside a finetuned checkpoint, found none; name it with --base"));
            case FinetuneKind.TorchFile or FinetuneKind.ReferenceIndex:
                return OfReference(source, found, model);
            default:
                using (var scope = NewDisposeScope())
                {
                    var set = DiffSet.Open(found.Folder);
                    var record = found.Choose(set);
                    using var one = set.Load([record]);
                    return DiffInspector.OfFactors(source, "diff of a set", one.ToPeft(0, ""), model, set.CardOf(record));
                }
        }
    }

    private static DiffInspection OfReference(string source, FinetuneSource found, InspectionBase? model)
    {
        using var scope = NewDisposeScope();
        var diff = ReferenceDiff.Of(source, found);
        using var file = WeightDiffFile.Open(diff.Path);
        var item = diff.In(file);
        return item.IsWholeModel
            ? throw new DitException($"{source}: expected low-rank factors, found all weights of a finetuned model; dit diff merge makes a checkpoint of them, which can be inspected")
            : DiffInspector.OfFactors(source, "weight diff of the reference implementation", file.LoadFactors(item), model, diff.Card(item, model?.Fingerprint));
    }
}
