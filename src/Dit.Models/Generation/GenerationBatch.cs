using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// The prompts that are being answered, each in a slot of one cache, and those that wait for a slot. Rows that are over stay in the batch as dead
/// weight until enough of them have gathered to pay for reading other prompts in their place, or, where none waits, for copying the rest together.
/// </summary>
internal sealed class GenerationBatch : IDisposable
{
    // A pass more costs more than to read fewer tokens than this once more.
    private const int FewestSaved = 256;

    private readonly Decoder model;
    private readonly IReadOnlyList<int[]> prompts;
    private readonly PromptOverlays additions;
    private readonly Contrast? contrast;
    private readonly int[] same;
    private KeyValueCache cache;
    private KeyValueCache? bare;
    private Overlays overlays = Overlays.None;
    private bool[] over;
    private int taken;

    /// <param name="model">The model.</param>
    /// <param name="prompts">Token ids of at least one prompt.</param>
    /// <param name="additions">What is added for each.</param>
    /// <param name="contrast">Where it draws from what the additions favour.</param>
    /// <param name="slots">How many are answered at once.</param>
    /// <param name="capacity">Tokens of the longest prompt with its answer.</param>
    internal GenerationBatch(Decoder model, IReadOnlyList<int[]> prompts, PromptOverlays additions, Contrast? contrast, int slots, int capacity)
    {
        (this.model, this.prompts, this.additions, this.contrast) = (model, prompts, additions, contrast);
        var first = new Dictionary<(int, int[]), int>(new SamePrompt());
        same = [.. prompts.Select((prompt, number) => first.TryAdd((additions.Numbers[number], prompt), number) ? number : first[(additions.Numbers[number], prompt)])];
        slots = Math.Min(slots, prompts.Count);
        (Rows, over) = (new int[slots], [.. Enumerable.Repeat(true, slots)]);
        cache = model.NewCache(slots, capacity);
        bare = contrast is null ? null : model.NewCache(slots, capacity);
    }

    /// <summary>Which prompt is in each slot.</summary>
    internal int[] Rows { get; private set; }

    /// <summary>All slots, in their order.</summary>
    internal int[] Slots => [.. Enumerable.Range(0, over.Length)];

    /// <summary>Enough rows are over for a regrouping.</summary>
    internal bool IsSparse => over.Count(ended => !ended) * 4 <= over.Length * 3;

    /// <summary>The answer in a slot has ended.</summary>
    internal bool IsOver(int slot) => over[slot];

    /// <summary>Ends the answer in a slot.</summary>
    internal void End(int slot) => over[slot] = true;

    /// <summary>
    /// Puts waiting prompts into the slots of rows that are over; where there are too few, those slots go. Returns the slots of new rows, which
    /// have to be read next. What it makes belongs to the current dispose scope, which has to last until the next regrouping.
    /// </summary>
    internal int[] Regroup()
    {
        int[] free = [.. Slots.Where(IsOver)];
        var more = Math.Min(free.Length, prompts.Count - taken);
        if (more < free.Length)
        {
            Keep([.. Slots.Except(free.Skip(more))]);
            free = [.. Slots.Where(IsOver)];
        }

        if (taken > 0 && more > 0)
        {
            cache.Clear(free);
            bare?.Clear(free);
        }

        foreach (var slot in free)
        {
            (Rows[slot], over[slot]) = (taken++, false);
        }

        overlays = Rows.Length == 0 ? Overlays.None : additions.Of([.. Rows.Select(row => additions.Numbers[row])]);
        return free;
    }

    /// <summary>
    /// Reads the prompts in some slots, in one pass; returns the scores [n,V] of what follows each. A prompt that several rows have under one addition
    /// is read once, and so is a beginning that all of them have in common where all have one addition.
    /// </summary>
    internal Tensor Prefill(int[] slots)
    {
        using var scope = NewDisposeScope();
        var groups = slots.GroupBy(slot => same[Rows[slot]]).ToArray();
        int[] read = [.. groups.Select(group => group.First())];
        var shared = SharedBeginning(read);
        var scores = Contrasted(Read(overlays, cache), bare is null ? null : Read(Overlays.None, bare));
        var place = groups.SelectMany((group, row) => group.Select(slot => (slot, row))).ToDictionary(pair => pair.slot, pair => (long)pair.row);
        return (read.Length == slots.Length ? scores : scores.index_select(0, Index([.. slots.Select(slot => place[slot])]))).MoveToOuterDisposeScope();

        Tensor Read(Overlays with, KeyValueCache kept)
        {
            if (shared > 0)
            {
                _ = States(read[..1], 0, shared, with, kept);
                kept.Copy([.. read.Skip(1).Select(_ => read[0])], read[1..]);
            }

            var longest = read.Max(slot => Prompt(slot).Length) - shared;
            var last = Index([.. read.Select((slot, row) => ((long)row * longest) + Prompt(slot).Length - shared - 1)]);
            var ends = States(read, shared, longest, with, kept).view((long)read.Length * longest, -1).index_select(0, last);
            if (read.Length < slots.Length)
            {
                kept.Copy([.. groups.SelectMany(group => group.Skip(1).Select(_ => group.First()))], [.. groups.SelectMany(group => group.Skip(1))]);
            }

            return model.Logits(ends);
        }
    }

    /// <summary>Takes one more token in every slot, any where its row is over; returns the scores [slots,V] of what follows.</summary>
    internal Tensor Step(int[] next)
    {
        using var scope = NewDisposeScope();
        var ids = Index([.. next.Select(id => (long)id)]).view(-1, 1);
        int[] ended = [.. Slots.Where(IsOver)];
        return Contrasted(Scores(overlays, cache), bare is null ? null : Scores(Overlays.None, bare)).MoveToOuterDisposeScope();

        Tensor Scores(Overlays with, KeyValueCache kept)
        {
            // Else a dead row would grow for as long as the others do.
            kept.Forget(ended);
            return model.Logits(model.HiddenStates(ids, overlays: with, cache: kept).squeeze(1));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        bare?.Dispose();
    }

    private int[] Prompt(int slot) => prompts[Rows[slot]];

    private Tensor Index(long[] numbers) => tensor(numbers, device: model.Device);

    /// <summary>With how many tokens all of these prompts begin, where it pays to read them once; at least one of each is left to read after them.</summary>
    private int SharedBeginning(int[] slots)
    {
        if (slots.Length == 1 || slots.Any(slot => additions.Numbers[Rows[slot]] != additions.Numbers[Rows[slots[0]]]))
        {
            return 0;
        }

        var first = Prompt(slots[0]);
        var shared = slots.Min(slot => Math.Min(Prompt(slot).Length - 1, Prompt(slot).AsSpan().CommonPrefixLength(first)));
        // What goes on from a cache has all its attention scores in memory at once.
        return shared * (slots.Length - 1L) < FewestSaved || slots.Max(slot => Prompt(slot).Length) - shared > Decoder.LongestWithAllScores ? 0 : shared;
    }

    /// <summary>The hidden states [n,count,H] of the prompts in some slots from a token on, which are kept.</summary>
    private Tensor States(int[] slots, int from, int count, Overlays with, KeyValueCache kept)
    {
        var (ids, mask) = (new long[slots.Length * count], new long[slots.Length * count]);
        for (var row = 0; row < slots.Length; row++)
        {
            var prompt = Prompt(slots[row]);
            for (var at = 0; at < Math.Min(count, prompt.Length - from); at++)
            {
                (ids[(row * count) + at], mask[(row * count) + at]) = (prompt[from + at], 1);
            }
        }

        var all = slots.Length == Rows.Length;
        var own = all ? with : with.SelectRows(Index([.. slots.Select(slot => (long)slot)]));
        return model.HiddenStates(Index(ids).view(slots.Length, count), Index(mask).view(slots.Length, count), own, kept, all ? null : slots);
    }

    private Tensor Contrasted(Tensor with, Tensor? without) => without is null ? with : contrast!.Of(with, without);

    /// <summary>Leaves only some slots, in this order.</summary>
    private void Keep(int[] slots)
    {
        Rows = [.. slots.Select(slot => Rows[slot])];
        over = [.. slots.Select(slot => over[slot])];
        if (slots.Length > 0)
        {
            cache = Kept(cache);
            bare = bare is null ? null : Kept(bare);
        }

        KeyValueCache Kept(KeyValueCache former)
        {
            using (former)
            {
                return former.SelectRows(slots);
            }
        }
    }

    /// <summary>The same addition and the same tokens.</summary>
    private sealed class SamePrompt : IEqualityComparer<(int Addition, int[] Ids)>
    {
        public bool Equals((int Addition, int[] Ids) x, (int Addition, int[] Ids) y) => x.Addition == y.Addition && x.Ids.AsSpan().SequenceEqual(y.Ids);

        public int GetHashCode((int Addition, int[] Ids) prompt)
        {
            var hash = default(HashCode);
            hash.Add(prompt.Addition);
            foreach (var id in prompt.Ids)
            {
                hash.Add(id);
            }

            return hash.ToHashCode();
        }
    }
}
