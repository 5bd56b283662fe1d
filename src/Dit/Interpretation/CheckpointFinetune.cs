using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>
/// A finetune given by all its weights. The base plus its difference is the checkpoint itself, so this is used as a model of its own, with
/// its embeddings, norms and output head, and no difference is kept. Tokenizer and chat template are the base's.
/// </summary>
public sealed class CheckpointFinetune : Finetune
{
    private CheckpointFinetune(string folder, Decoder decoder, IReadOnlyList<string> notes) : base(folder, card: null, notes) => Decoder = decoder;

    private CheckpointFinetune(string source, Decoder decoder, DiffCard card) : base(source, card) => Decoder = decoder;

    /// <summary>The finetuned model, without the rows of its embeddings that the base does not have.</summary>
    public Decoder Decoder { get; }

    /// <summary>Loads a checkpoint in the type and to the device the base computes with, kept as the base is.</summary>
    /// <exception cref="DitException">A file is missing or damaged, the architecture is another, or no weight differs from the base's.</exception>
    internal static CheckpointFinetune FromFolder(string folder, BaseModel model)
    {
        using var diff = DenseDiff.Between(folder, model.Folder);
        string[] changed = [.. diff.ChangedSites.Select(site => site + ".weight"), .. diff.ChangedElsewhere];
        if (changed.Length == 0)
        {
            throw new DitException($"{folder}: expected a finetune of {model.Name}, found its very weights: the diff touches no layer");
        }

        var (type, kept) = (model.Decoder.Type, model.Decoder.Kept);
        var decoder = Decoder.Load(folder, type, model.Decoder.Device, mostTokens: model.Decoder.Config.VocabularySize, kept);
        try
        {
            RequireFinite(folder, decoder);
            return changed.Any(name => !decoder.HoldsSame(name, model.Decoder))
                ? new CheckpointFinetune(folder, decoder, diff.Notes)
                : throw new DitException($"{folder}: expected a finetune that differs from {model.Name} in {kept.Name() ?? type.Name()}, found one whose differences are all lost in that type");
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>A finetune of weights that were loaded already; they are freed if it is refused.</summary>
    /// <exception cref="DitException">A number is not finite, or no weight differs from the base's.</exception>
    internal static CheckpointFinetune FromWeights(string source, DiffCard card, Decoder decoder, BaseModel model)
    {
        try
        {
            RequireFinite(source, decoder);
            return Decoder.WeightShapes(decoder.Config).Keys.Any(weight => !decoder.HoldsSame(weight, model.Decoder))
                ? new CheckpointFinetune(source, decoder, card)
                : throw new DitException($"{source}: expected a finetune of {model.Name}, found its very weights: the diff touches no layer");
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => Decoder.Dispose();

    /// <summary>Numbers that a file can hold may still be too large for the type that is computed in.</summary>
    private static void RequireFinite(string folder, Decoder decoder)
    {
        string[] damaged = [.. decoder.Weights.Where(weight => !RowPieces.IsFinite(weight.Value)).Select(weight => weight.Key)];
        if (damaged.Length > 0)
        {
            throw new DitException($"{folder}: expected finite numbers, found others in {damaged.Length} of {decoder.Weights.Count} weights: {Names.Few(damaged)}");
        }
    }
}
