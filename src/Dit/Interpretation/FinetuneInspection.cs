using System.Globalization;
using Dit.Diffs;
using Dit.Diffs.Inspection;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Inspects whatever <see cref="Finetune.Load"/> loads, and whole sets of it, without building a model.</summary>
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

    /// <summary>All diffs of a source that names several; null where it names one.</summary>
    /// <exception cref="DitException">The source is missing or damaged.</exception>
    public static DiffSetInspection? ReadSet(string source, InspectionBase? model)
    {
        var found = FinetuneSource.Find(source);
        if (found.Id is not null || found.Kind is FinetuneKind.Adapter or FinetuneKind.Checkpoint)
        {
            return null;
        }

        using var untracked = no_grad();
        using var stored = StoredDiffs.Open(source);
        var fingerprint = stored.Diffs[0].BaseFingerprint;
        return stored.Diffs.Count == 1 ? null : DiffSetInspection.Of(
            source, Form(found.Kind), stored.Diffs.Select((diff, i) => OfSet(diff, i)), model, fingerprint is null ? null : new DiffCard { BaseFingerprint = fingerprint });
    }

    /// <summary>Inspects one diff.</summary>
    /// <param name="source">What <see cref="Finetune.Load"/> takes.</param>
    /// <param name="model">The base; only a checkpoint cannot do without.</param>
    /// <exception cref="DitException">The source is missing or damaged, names several diffs, or a checkpoint comes without its base.</exception>
    public static DiffInspection Read(string source, InspectionBase? model)
    {
        var found = FinetuneSource.Find(source);
        if (found.Kind == FinetuneKind.Adapter)
        {
            return DiffInspector.OfFolder(source, model);
        }

        if (found.Kind == FinetuneKind.Checkpoint)
        {
            return DiffInspector.OfCheckpoint(
                source, model ?? throw new DitException($"{source}: expected the base beside a finetuned checkpoint, found none; name it with --base"));
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        using var stored = StoredDiffs.Open(source);
        var diff = stored.Only(source);
        return DiffInspector.OfFactors(source, "one of a " + Form(found.Kind), diff.Load(), model, diff.BaseFingerprint is null ? null : new DiffCard { BaseFingerprint = diff.BaseFingerprint }) with
        {
            Label = diff.Topic,
        };
    }

    private static string Form(FinetuneKind kind) => kind switch
    {
        FinetuneKind.TorchFile => "torch file", FinetuneKind.ReferenceIndex => "published index", _ => "diff set",
    };

    /// <summary>A diff without a name goes by its number, as on the command line.</summary>
    private static DiffOfSet OfSet(StoredDiff diff, int number) =>
        new(diff.Id ?? number.ToString(CultureInfo.InvariantCulture), diff.Topic, diff.Split, diff.Record?.PassesGate, diff.Load);
}
