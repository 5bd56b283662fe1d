using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>A finetune of a base model as it can be asked about: a <see cref="LowRankFinetune"/> or a <see cref="CheckpointFinetune"/>.</summary>
public abstract class Finetune : IDisposable
{
    private protected Finetune(string source, DiffCard? card, IReadOnlyList<string>? notes = null) => (Source, Card, Notes) = (source, card, notes ?? []);

    /// <summary>What it was loaded from.</summary>
    public string Source { get; }

    /// <summary>What is known of it, its label for instance; null where nothing is.</summary>
    public DiffCard? Card { get; }

    /// <summary>What a user should know of how it was made to fit the base, each in one sentence.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>
    /// Loads a finetune: a PEFT adapter folder, one diff of a diff set (<c>FOLDER#ID</c>, or the folder alone if it holds only one), the
    /// Hugging Face folder of a finetuned checkpoint, one weight diff of the reference implementation (<c>FILE.pt#N</c>, from 0, or
    /// <c>FOLDER#N</c> for a line of a published index), or a whole state dict (<c>FILE.pt</c>).
    /// </summary>
    /// <param name="source">The folder or file, with <c>#ID</c> behind one that holds several.</param>
    /// <param name="base">The base model it is a finetune of.</param>
    /// <exception cref="DitException">It is none of these, is damaged, was made for another base, does not fit this one, or changes nothing in it.</exception>
    public static Finetune Load(string source, BaseModel @base)
    {
        var found = FinetuneSource.Find(source);
        switch (found.Kind)
        {
            case FinetuneKind.Checkpoint:
                return CheckpointFinetune.FromFolder(source, @base);
            case FinetuneKind.Adapter:
                return FromAdapter(source, @base);
            case FinetuneKind.TorchFile or FinetuneKind.ReferenceIndex:
                return ReferenceDiff.Of(source, found).Load(@base);
            case FinetuneKind.AdapterFolders:
                throw found.Several();
            default:
                return FromSet(source, found, @base);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors.</summary>
    protected abstract void Dispose(bool disposing);

    private static LowRankFinetune FromAdapter(string folder, BaseModel model)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var card = DiffCard.Read(folder);
        if (card is not null)
        {
            SiteFit.RequireBase(folder, card.BaseFingerprint, model.Name, model.Fingerprint);
        }

        return LowRankFinetune.Of(PeftAdapterFolder.Read(folder), model, folder, card);
    }

    private static LowRankFinetune FromSet(string source, FinetuneSource found, BaseModel model)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var set = DiffSet.Open(found.Folder);
        var record = found.Choose(set);
        var card = set.CardOf(record);
        SiteFit.RequireBase(source, card.BaseFingerprint, model.Name, model.Fingerprint);
        using var one = set.Load([record]);
        return LowRankFinetune.Of(one.ToPeft(0, model.Name), model, source, card);
    }
}
