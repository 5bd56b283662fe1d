using Dit.Audit;
using Dit.Interpretation;

namespace Dit.Server.Shelving;

/// <summary>One finetune on the shelf. What changes in it is changed by the shelf alone, under its lock.</summary>
/// <param name="id">Names it to clients.</param>
/// <param name="offer">Where it lies and what it is called; the source is a full path.</param>
/// <param name="fileBytes">What its files take on disk; 0 where that is not known.</param>
/// <param name="dispose">Called once, when it is off the shelf and nobody uses it any more.</param>
internal sealed class ShelfEntry(string id, OfferedFinetune offer, long fileBytes, Action? dispose = null)
{
    /// <summary>Names it to clients.</summary>
    public string Id => id;

    /// <summary>Where it lies and what it is called.</summary>
    public OfferedFinetune Offer => offer;

    /// <summary>What its files take on disk.</summary>
    public long FileBytes => fileBytes;

    /// <summary>What it is, such as "PEFT adapter".</summary>
    public string Form { get; set; } = FinetuneForm.Of(offer.Source, loaded: null);

    /// <summary>Numbers in it; null until it was loaded once, and for a checkpoint.</summary>
    public long? Parameters { get; set; }

    /// <summary>Whether its diff can be asked at another strength than 1.</summary>
    public bool CanScale { get; set; } = FinetuneForm.IsLowRank(offer.Source);

    /// <summary>The loaded finetune; null while it is not in memory.</summary>
    public Finetune? Loaded { get; set; }

    /// <summary>What <see cref="Loaded"/> takes in memory; once known it stays, as what loading it again will take. 0 before.</summary>
    public long LoadedBytes { get; set; }

    /// <summary>Where it changes the base how much; null until that was measured once.</summary>
    public AuditedDiff? Diff { get; set; }

    /// <summary>How many use it now.</summary>
    public int Users { get; set; }

    /// <summary>It was taken off the shelf.</summary>
    public bool Removed { get; set; }

    /// <summary>When it was last used, as a count of uses.</summary>
    public long LastUsed { get; set; }

    /// <summary>A sentence about it as clients may read it: by its name, without the server's folders.</summary>
    public string Told(string sentence) => sentence.Replace(offer.Source, offer.Name, StringComparison.Ordinal);

    /// <summary>Frees what it has on disk.</summary>
    public void Forget() => dispose?.Invoke();
}
