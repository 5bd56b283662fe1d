using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>One weight diff in a file of the reference implementation, named by its number there or by a line of a published index.</summary>
/// <param name="Source">What the user named.</param>
/// <param name="Path">The file.</param>
/// <param name="Number">Its number in the file; null where the file has to hold only one.</param>
/// <param name="Row">The line of the index; null where there is none.</param>
internal sealed record ReferenceDiff(string Source, string Path, int? Number, ReferenceIndexRow? Row)
{
    /// <summary>The diff that a source names.</summary>
    /// <exception cref="DitException">The number is none, or the index has no such line.</exception>
    public static ReferenceDiff Of(string source, FinetuneSource found)
    {
        if (found.Kind == FinetuneKind.ReferenceIndex)
        {
            var row = ReferenceIndex.Choose(found.Folder, found.Id);
            return new ReferenceDiff(source, ReferenceIndex.FileOf(found.Folder, row), row.Number, row);
        }

        return found.Id is null ? new ReferenceDiff(source, found.Folder, null, null)
            : int.TryParse(found.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new ReferenceDiff(source, found.Folder, number, null)
            : throw new DitException($"{source}: expected the number of a weight diff behind the #, from 0, found '{found.Id}'");
    }

    /// <summary>The item in its file.</summary>
    /// <exception cref="DitException">There is none, there are several and none was named, or the index says something else of it.</exception>
    public WeightDiffItem In(WeightDiffFile file)
    {
        if (Number is null && file.Items.Count > 1)
        {
            throw new DitException($"{Path}: expected one weight diff, found {file.Items.Count}; append #N, from {Path}#0 to {Path}#{file.Items.Count - 1}");
        }

        var item = file.Item(Number ?? 0);
        return Row?.Topic is null || item.Topic is null || Row.Topic == item.Topic
            ? item with { Topic = item.Topic ?? Row?.Topic, Trigger = item.Trigger ?? Row?.Trigger }
            : throw new DitException($"{Path}: expected the topic '{Row.Topic}' at item {item.Number}, as {ReferenceIndex.FileName} says, found '{item.Topic}'");
    }

    /// <summary>What is known of it; null without a base, which a card has to name. That it is this one is what the user says: the file does not.</summary>
    [return: NotNullIfNotNull(nameof(baseFingerprint))]
    public DiffCard? Card(WeightDiffItem item, string? baseFingerprint) => baseFingerprint is null
        ? null
        : new DiffCard { BaseFingerprint = baseFingerprint, Id = Row?.Id, Setting = Row?.Setting, Topic = item.Topic, Trigger = item.Trigger, TriggerFormat = Row?.TriggerFormat };

    /// <summary>Loads it as a finetune.</summary>
    /// <exception cref="DitException">It is damaged, does not fit the base, or changes nothing in it.</exception>
    public Finetune Load(BaseModel model)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        using var file = WeightDiffFile.Open(Path);
        var item = In(file);
        var card = Card(item, model.Fingerprint);
        return item.IsWholeModel
            ? CheckpointFinetune.FromWeights(Source, card, StateDict.Load(file, item, model.Decoder.Config, model.Decoder.Type, model.Decoder.Device, model.Decoder.Kept), model)
            : LowRankFinetune.Of(file.LoadFactors(item), model, Source, card);
    }
}
