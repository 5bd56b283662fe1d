using Dit.Interpretation;
using Dit.Models;
using Dit.Server.Safety;

namespace Dit.Server.Shelving;

/// <summary>
/// The finetunes that can be asked. Each is loaded when it is first wanted; where memory gets short, those go that nobody uses and that were
/// not used for longest.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="budget">Memory that all loaded finetunes may take together, in bytes.</param>
/// <param name="tell">Told what went wrong inside.</param>
internal sealed class Shelf(BaseModel model, long budget, Action<string> tell) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim loading = new(1, 1);
    private readonly List<ShelfEntry> entries = [];
    private long loadedBytes;
    private long uses;

    /// <summary>What can be asked, in the order in which it came.</summary>
    public IReadOnlyList<ShelfEntry> Entries
    {
        get
        {
            lock (gate)
            {
                return [.. entries];
            }
        }
    }

    /// <summary>Memory that loaded finetunes take.</summary>
    public long LoadedBytes
    {
        get
        {
            lock (gate)
            {
                return loadedBytes;
            }
        }
    }

    /// <summary>Puts a finetune on the shelf under an id of its own.</summary>
    public ShelfEntry Add(OfferedFinetune offer)
    {
        var full = offer with { Source = Path.GetFullPath(offer.Source) };
        lock (gate)
        {
            var entry = new ShelfEntry(ShelfId.Of(offer.Name, taken => entries.Any(each => each.Id == taken)), full, FinetuneForm.FileBytes(full.Source));
            entries.Add(entry);
            return entry;
        }
    }

    /// <summary>Loads a finetune that is not on the shelf yet, and puts it there if it is one.</summary>
    /// <exception cref="RefusedException">It is no finetune of the base, or there is no memory for it. It is not on the shelf and not forgotten.</exception>
    public async Task AddChecked(ShelfEntry entry, CancellationToken cancellation)
    {
        lock (gate)
        {
            entry.Users++;
        }

        try
        {
            await Load(entry, cancellation);
        }
        catch
        {
            lock (gate)
            {
                entry.Users--;
            }

            throw;
        }

        lock (gate)
        {
            entries.Add(entry);
        }

        Return(entry);
    }

    /// <summary>One finetune; null where there is none of this id.</summary>
    public ShelfEntry? Find(string id)
    {
        lock (gate)
        {
            return entries.Find(entry => entry.Id == id);
        }
    }

    /// <summary>Loads a finetune, if it is not in memory, and keeps it there.</summary>
    /// <exception cref="RefusedException">There is none of this id, it cannot be loaded, or there is no memory for it now.</exception>
    public async Task<FinetuneLease> Lease(string id, CancellationToken cancellation)
    {
        var hold = Hold(id);
        try
        {
            return new FinetuneLease(this, hold.Entry, await Load(hold.Entry, cancellation));
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Keeps a finetune's files where they are.</summary>
    /// <exception cref="RefusedException">There is none of this id.</exception>
    public FinetuneLease Hold(string id)
    {
        lock (gate)
        {
            var entry = entries.Find(entry => entry.Id == id) ?? throw RefusedException.NotFound("finetune", id);
            entry.Users++;
            return new FinetuneLease(this, entry, finetune: null);
        }
    }

    /// <summary>Takes a finetune off the shelf at once; what uses it goes on, and with the last of these its memory and files go.</summary>
    public void Remove(ShelfEntry entry)
    {
        lock (gate)
        {
            if (!entries.Remove(entry))
            {
                return;
            }

            entry.Removed = true;
            if (entry.Users > 0)
            {
                return;
            }

            Unload(entry);
        }

        entry.Forget();
    }

    /// <summary>Ends a lease.</summary>
    internal void Return(ShelfEntry entry)
    {
        lock (gate)
        {
            entry.LastUsed = ++uses;
            if (--entry.Users > 0 || !entry.Removed)
            {
                return;
            }

            Unload(entry);
        }

        entry.Forget();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (gate)
        {
            entries.ForEach(Unload);
            entries.Clear();
        }

        loading.Dispose();
    }

    /// <summary>The finetune in memory; whoever calls uses it already, so that it stays.</summary>
    internal async Task<Finetune> Load(ShelfEntry entry, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (entry.Loaded is { } loaded)
            {
                return loaded;
            }
        }

        // One after another, so that together they never take more than the budget by more than one.
        await loading.WaitAsync(cancellation);
        try
        {
            lock (gate)
            {
                if (entry.Loaded is { } loaded)
                {
                    return loaded;
                }

                // Files may take more than what is loaded of them.
                MakeRoom(entry, entry.LoadedBytes > 0 ? entry.LoadedBytes : Math.Min(entry.FileBytes, budget));
            }

            var finetune = await Task.Run(() => Read(entry), CancellationToken.None);
            return Keep(entry, finetune);
        }
        finally
        {
            loading.Release();
        }
    }

    private Finetune Read(ShelfEntry entry)
    {
        try
        {
            return Finetune.Load(entry.Offer.Source, model);
        }
        catch (DitException e)
        {
            throw RefusedException.Unusable(entry.Told(e.Message), e);
        }
#pragma warning disable CA1031 // Whatever a hostile file does to a reader, it is that file that cannot be used, and the server goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            tell($"{entry.Id}: {e.GetType().Name} while it was loaded");
            throw RefusedException.Unusable($"{entry.Offer.Name}: expected a finetune that can be loaded, found one that cannot", e);
        }
    }

    private Finetune Keep(ShelfEntry entry, Finetune finetune)
    {
        try
        {
            lock (gate)
            {
                entry.LoadedBytes = FinetuneForm.Bytes(finetune);
                MakeRoom(entry, entry.LoadedBytes);
                (entry.Loaded, entry.Form, entry.CanScale) = (finetune, FinetuneForm.Of(entry.Offer.Source, finetune), finetune is LowRankFinetune);
                entry.Parameters = (finetune as LowRankFinetune)?.ParameterCount;
                loadedBytes += entry.LoadedBytes;
                return finetune;
            }
        }
        catch
        {
            finetune.Dispose();
            throw;
        }
    }

    /// <summary>Frees memory until so many bytes more are within the budget.</summary>
    private void MakeRoom(ShelfEntry wanted, long bytes)
    {
        if (bytes > budget)
        {
            throw RefusedException.Unusable($"{wanted.Offer.Name}: expected a finetune of at most {budget} bytes in memory, found one of {bytes}");
        }

        foreach (var entry in entries.Where(entry => entry.Loaded is not null && entry.Users == 0).OrderBy(entry => entry.LastUsed).ToArray())
        {
            if (loadedBytes + bytes <= budget)
            {
                return;
            }

            Unload(entry);
        }

        if (loadedBytes + bytes > budget)
        {
            throw RefusedException.Busy("the memory for finetunes is taken by those that are being asked; try again in a moment");
        }
    }

    private void Unload(ShelfEntry entry)
    {
        if (entry.Loaded is { } loaded)
        {
            loadedBytes -= entry.LoadedBytes;
            entry.Loaded = null;
            loaded.Dispose();
        }
    }
}
