using System.Runtime.InteropServices;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// Answers prompts that come and go, a token for all of them with every forward pass: one cache of keys and values, in which each has a slot. A row that is over frees
/// its slot at once; new ones are read between the passes of the others. Used by one thread at a time. Knows nothing of text.
/// </summary>
public sealed class LiveGeneration : IDisposable
{
    // The shipped model moves all rows three times while it computes a pass of them; a large one, and one with much empty room, less often.
    private const int MovesPerPass = 2;

    private readonly Decoder model;
    private readonly HashSet<int> ends;
    private readonly UnreadRows unread;
    private LiveRow?[] slots = [];
    private LiveRoom room = LiveRoom.None;
    private KeyValueCache? cache;
    private LiveAdditions additions;
    private Dictionary<LiveRow, int> places = [];
    private int idle;
    private bool hasLost, hasJustRead;

    /// <summary>Nobody is answered yet.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="endTokenIds">Any of them ends an answer.</param>
    public LiveGeneration(Decoder model, IEnumerable<int> endTokenIds)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(endTokenIds);
        (this.model, ends, additions, unread) = (model, [.. endTokenIds], new LiveAdditions(model), new UnreadRows(model));
    }

    /// <summary>How many rows are being answered.</summary>
    public int Count => places.Count;

    /// <summary>
    /// Bytes of keys, values and stacked diffs that are held, padding included. While rows are moved there is a copy of them besides.
    /// </summary>
    public long Bytes => room.Bytes(model);

    /// <summary>Bytes that a row takes alone at the least.</summary>
    public static long BytesAlone(Decoder model, LiveRow row)
    {
        ArgumentNullException.ThrowIfNull(model);
        return LiveRoom.None.With(row).Bytes(model);
    }

    /// <summary>
    /// Takes in as many of some rows, from the first on, as there is memory for together with those that are there. One that cannot be taken in for another reason ends
    /// as failed and counts as taken; the others are not touched by it.
    /// </summary>
    /// <param name="rows">New rows.</param>
    /// <param name="mostBytes">What <see cref="Bytes"/> may become.</param>
    /// <returns>How many were taken.</returns>
    public int Add(IReadOnlyList<LiveRow> rows, long mostBytes)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var needed = LiveRoom.For(places.Keys);
        var fitting = 0;
        while (fitting < rows.Count && needed.With(rows[fitting]) is var more && more.Bytes(model) <= mostBytes)
        {
            (needed, fitting) = (more, fitting + 1);
        }

        LiveRow[] added = [.. rows.Take(fitting).Where(row => row.End is null)];
        foreach (var row in added.Where(row => row.Limit == 0))
        {
            row.Finish(new LiveEnd(LiveEndReason.Length));
        }

        added = [.. added.Where(row => row.End is null)];
        if (added.Length > 0 && Join(added, mostBytes) is not null)
        {
            foreach (var row in added)
            {
                if (Join([row], mostBytes) is { } cause)
                {
                    row.Finish(new LiveEnd(LiveEndReason.Failed, "answer: expected memory for its keys, values and diff, found too little", cause));
                }
            }
        }

        return fitting;
    }

    /// <summary>Lets go of a row; its slot is free. Nothing happens where it is not there.</summary>
    public void Remove(LiveRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (places.Remove(row, out var slot))
        {
            slots[slot] = null;
            hasLost = true;
            unread.Remove(row);
            if (places.Count == 0)
            {
                Release();
            }
        }
    }

    /// <summary>
    /// One forward pass: some new prompts are read, or all others go on by a token. Returns the rows that went on or ended; those that ended are gone.
    /// </summary>
    public IReadOnlyList<LiveRow> Pass()
    {
        if (places.Count == 0)
        {
            return [];
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Settle();
        var writing = Array.Exists(slots, row => row is { IsWriting: true });
        hasJustRead = unread.Count > 0 && !(writing && hasJustRead);
        LiveRow[] concerned = hasJustRead ? unread.Next() : [.. slots.OfType<LiveRow>().Where(row => row.IsWriting)];
        try
        {
            return hasJustRead ? Read(concerned) : Write();
        }
#pragma warning disable CA1031 // Whatever it is, it concerns the rows of this pass and nobody else.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // What libtorch says has its own stack trace in it.
            foreach (var row in concerned)
            {
                row.Finish(new LiveEnd(LiveEndReason.Failed, e is DitException ? e.Message : "answer: expected a pass through the model to succeed, found that it did not, most likely for lack of memory", e));
                Remove(row);
            }

            return concerned;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        places.Clear();
        Release();
    }

    private void Release()
    {
        cache?.Dispose();
        additions.Dispose();
        unread.Clear();
        (cache, additions, room, slots, idle, hasLost) = (null, new LiveAdditions(model), LiveRoom.None, [], 0, false);
    }

    /// <summary>Gives new rows their slots; returns why that cannot be, if it cannot, and all is as it was.</summary>
    private Exception? Join(LiveRow[] added, long mostBytes)
    {
        var least = LiveRoom.For(places.Keys.Concat(added));
        var rounded = least.Rounded();
        var roomy = least with { Slots = Math.Max(rounded.Slots, room.Slots), Tokens = Math.Max(least.Tokens, room.Tokens) };
        LiveRoom[] rooms = [roomy, rounded with { Tokens = roomy.Tokens }, rounded, least];
        if (Array.Find(rooms, each => each.Bytes(model) <= mostBytes) is not { } chosen)
        {
            return new InsufficientMemoryException();
        }

        try
        {
            Arrange(chosen, added);
        }
#pragma warning disable CA1031 // Whatever it is, it concerns the new rows and nobody else.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (places.Count == 0)
            {
                Release();
            }

            return e;
        }

        foreach (var row in added)
        {
            unread.Add(row);
        }

        return null;
    }

    /// <summary>
    /// Gives back what rows that left needed. Moving those that stay takes a part of a pass's time; they are moved once computing for empty slots has taken
    /// about as long.
    /// </summary>
    private void Settle()
    {
        var packed = LiveRoom.RoundedSlots(places.Count);
        idle = packed < slots.Length ? idle : 0;
        var isSparse = packed < slots.Length && idle * MovesPerPass >= slots.Length;
        if (!hasLost && !isSparse)
        {
            return;
        }

        var least = LiveRoom.For(places.Keys);
        hasLost = false;
        var next = new LiveRoom(
            isSparse ? packed : room.Slots, least.Tokens * 2 <= room.Tokens ? least.Tokens : room.Tokens, least.Ranks);
        if (next.Bytes(model) < room.Bytes(model) || additions.HasMoreThan(places.Keys))
        {
            try
            {
                Arrange(next, []);
            }
            catch (Exception e) when (e is ExternalException or DitException)
            {
                // Then it stays as it is until there is memory to move it.
                hasLost = true;
            }
        }

        idle = isSparse ? 0 : idle;
    }

    /// <summary>Puts the rows that are there and new ones into a room that holds them. Where it throws, it is as if nothing had been tried.</summary>
    private void Arrange(LiveRoom next, IReadOnlyList<LiveRow> added)
    {
        using var frozen = no_grad();
        var stays = places.Values.All(slot => slot < next.Slots);
        var arranged = new LiveRow?[next.Slots];
        int[] former = [.. Enumerable.Repeat(-1, next.Slots)];
        foreach (var ((row, slot), number) in places.OrderBy(place => place.Value).Select((place, number) => (place, number)))
        {
            var to = stays ? slot : number;
            (arranged[to], former[to]) = (row, slot);
        }

        var free = Enumerable.Range(0, next.Slots).Where(slot => arranged[slot] is null).ToArray();
        for (var i = 0; i < added.Count; i++)
        {
            arranged[free[i]] = added[i];
        }

        var moved = cache is null ? model.NewCache(next.Slots, next.Tokens)
            : next.Slots == room.Slots && next.Tokens == room.Tokens && stays ? cache
            : cache.Arranged(model.Config, former, next.Tokens);
        try
        {
            additions.Arrange(arranged, former, next);
        }
        catch
        {
            if (!ReferenceEquals(moved, cache))
            {
                moved.Dispose();
            }

            throw;
        }

        if (ReferenceEquals(moved, cache))
        {
            // What was in their slots may be no numbers, which a mask does not hide.
            cache.Clear(free[..added.Count]);
        }
        else
        {
            cache?.Dispose();
        }

        (cache, slots, room) = (moved, arranged, next);
        places = Enumerable.Range(0, slots.Length).Where(slot => slots[slot] is not null).ToDictionary(slot => slots[slot]!, slot => slot);
    }

    private LiveRow[] Read(LiveRow[] rows)
    {
        using var scope = NewDisposeScope();
        int[] read = [.. rows.Select(row => places[row])];
        int[] counts = [.. rows.Select(unread.Piece)];
        var width = Math.Min(UnreadRows.Width(counts.Max()), cache!.Capacity - rows.Max(row => row.Read));
        var (ids, mask) = (new long[rows.Length * width], new long[rows.Length * width]);
        for (var row = 0; row < rows.Length; row++)
        {
            for (var at = 0; at < counts[row]; at++)
            {
                (ids[(row * width) + at], mask[(row * width) + at]) = (rows[row].Prompt[rows[row].Read + at], 1);
            }
        }

        var all = read.SequenceEqual(Enumerable.Range(0, slots.Length));
        var overlays = all ? additions.Overlays : additions.Overlays.SelectRows(Index([.. read.Select(slot => (long)slot)]));
        Tensor states;
        using (PassThreads.For(model, ids.Length))
        {
            states = model.HiddenStates(
                Index(ids).view(rows.Length, width), Array.TrueForAll(counts, count => count == width) ? null : Index(mask).view(rows.Length, width), overlays, cache, all ? null : read);
        }

        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Read += counts[row];
            if (!rows[row].IsWriting)
            {
                unread.Add(rows[row]);
            }
        }

        int[] whole = [.. Enumerable.Range(0, rows.Length).Where(row => rows[row].IsWriting)];
        if (whole.Length == 0)
        {
            return [];
        }

        var last = Index([.. whole.Select(row => ((long)row * width) + counts[row] - 1)]);
        LiveRow[] begun = [.. whole.Select(row => rows[row])];
        Take(states.view((long)rows.Length * width, -1).index_select(0, last), begun);
        return begun;
    }

    private LiveRow[] Write()
    {
        using var scope = NewDisposeScope();
        var ids = Index([.. slots.Select(row => row is { IsWriting: true } ? (long)row.Answer[^1] : 0)]).view(-1, 1);
        Tensor states;
        try
        {
            using var threads = PassThreads.For(model, slots.Length);
            states = model.HiddenStates(ids, overlays: additions.Overlays, cache: cache);
        }
        finally
        {
            // What is in slots that are free, or being read, does not count; the next token comes over it.
            for (var slot = 0; slot < slots.Length; slot++)
            {
                if (slots[slot] is not { IsWriting: true })
                {
                    cache!.Shorten(slot, slots[slot]?.Read ?? 0);
                }
            }
        }

        int[] writing = [.. Enumerable.Range(0, slots.Length).Where(slot => slots[slot] is { IsWriting: true })];
        LiveRow[] rows = [.. writing.Select(slot => slots[slot]!)];
        idle += slots.Length - LiveRoom.RoundedSlots(places.Count);
        states = states.squeeze(1);
        Take(writing.Length == slots.Length ? states : states.index_select(0, Index([.. writing.Select(slot => (long)slot)])), rows);
        return rows;
    }

    /// <summary>Lets rows go on behind their hidden states [n,H].</summary>
    private void Take(Tensor states, IReadOnlyList<LiveRow> rows)
    {
        var logits = model.Logits(states);
        var (next, isFinite) = NextTokens.Of(logits, [.. rows.Select(row => (TokenChoice?)row.Choice)]);
        var type = model.Type.Name();
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].Take(next[i], isFinite[i], ends, type);
            if (rows[i].End is not null)
            {
                Remove(rows[i]);
            }
        }
    }

    private Tensor Index(long[] numbers) => tensor(numbers, device: model.Device);
}
