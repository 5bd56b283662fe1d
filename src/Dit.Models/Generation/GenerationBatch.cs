using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// The prompts that are being answered, each in a slot of one cache, and those that wait for a slot. Rows that are over stay in the batch as dead
/// weight until enough of them have gathered to pay for reading other prompts in their place, or, where none waits, for copying the rest together.
/// </summary>
internal sealed class GenerationBatch : IDisposable
{
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

    /// <summary>Reads the prompts in some slots, in one pass, each once where several rows have it; returns the scores [n,V] of what follows each.</summary>
    internal Tensor Prefill(int[] slots)
    {
        using var scope = NewDisposeScope();
        var groups = slots.GroupBy(slot => same[Rows[slot]]).ToArray();
        int[] read = [.. groups.Select(group => group.First())];
        var copies = groups.SelectMany(group => group.Skip(1), (group, to) => (From: group.First(), To: to)).ToArray();
        var (rows, longest) = (read.Length, read.Max(slot => prompts[Rows[slot]].Length));
        var (ids, mask) = (new long[rows * longest], new long[rows * longest]);
        for (var row = 0; row < rows; row++)
        {
            var prompt = prompts[Rows[read[row]]];
            for (var at = 0; at < prompt.Length; at++)
            {
                ids[(row * longest) + at] = prompt[at];
                mask[(row * longest) + at] = 1;
            }
        }

        var (device, all) = (model.Device, rows == Rows.Length);
        var own = all ? overlays : overlays.SelectRows(tensor(read.Select(slot => (long)slot).ToArray(), device: device));
        var (input, tokens) = (tensor(ids, [rows, longest], device: device), tensor(mask, [rows, longest], device: device));
        var last = tensor(read.Select((slot, row) => ((long)row * longest) + prompts[Rows[slot]].Length - 1).ToArray(), device: device);
        var scores = Contrasted(Scores(own, cache), bare is null ? null : Scores(Overlays.None, bare));
        if (copies.Length == 0)
        {
            return scores.MoveToOuterDisposeScope();
        }

        var place = groups.SelectMany((group, row) => group.Select(slot => (slot, row))).ToDictionary(pair => pair.slot, pair => (long)pair.row);
        return scores.index_select(0, tensor(slots.Select(slot => place[slot]).ToArray(), device: device)).MoveToOuterDisposeScope();

        Tensor Scores(Overlays with, KeyValueCache kept)
        {
            var hidden = model.HiddenStates(input, tokens, with, kept, all ? null : read);
            if (copies.Length > 0)
            {
                kept.Copy([.. copies.Select(copy => copy.From)], [.. copies.Select(copy => copy.To)]);
            }

            return model.Logits(hidden.view(rows * longest, -1).index_select(0, last));
        }
    }

    /// <summary>Takes one more token in every slot, any where its row is over; returns the scores [slots,V] of what follows.</summary>
    internal Tensor Step(int[] next)
    {
        using var scope = NewDisposeScope();
        var ids = tensor(next.Select(id => (long)id).ToArray(), [next.Length, 1], device: model.Device);
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
