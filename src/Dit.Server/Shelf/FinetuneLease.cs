using Dit.Interpretation;

namespace Dit.Server.Shelving;

/// <summary>Keeps a finetune where it is, on disk and, where it was loaded, in memory, until it is disposed.</summary>
internal sealed class FinetuneLease(Shelf shelf, ShelfEntry entry, Finetune? finetune) : IDisposable
{
    private int ended;

    /// <summary>Which finetune it is.</summary>
    public ShelfEntry Entry => entry;

    /// <summary>The loaded finetune; null where only its files were asked for.</summary>
    public Finetune? Finetune => finetune;

    /// <summary>Loads the finetune, if it is not in memory, and keeps it there until this is disposed.</summary>
    /// <exception cref="Safety.RefusedException">It cannot be loaded, or there is no memory for it now.</exception>
    public Task<Finetune> Load(CancellationToken cancellation) => shelf.Load(entry, cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            shelf.Return(entry);
        }
    }
}
