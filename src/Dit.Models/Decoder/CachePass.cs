using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One forward pass over further tokens of a cache, or of some of its rows: where they stand, where they are kept and what each may see.</summary>
internal sealed class CachePass
{
    // oneDNN prepares and keeps a kernel for every shape: with a length more for each token it would prepare them all the time and grow.
    private const long Step = 64;

    private readonly KeyValueCache cache;
    private readonly Tensor? chosen;
    private readonly Tensor slots;

    internal CachePass(KeyValueCache cache, int[] start, long tokens, int[]? chosen = null, TokenBranches? branches = null)
    {
        this.cache = cache;
        var (keys, _) = cache.Layer(0);
        var (rows, heads, device) = (start.Length, keys.shape[0] / cache.Lengths.Count, keys.device);
        var bound = start.Max() + tokens;
        GoesOn = bound > tokens;
        Bound = GoesOn ? Math.Min(cache.Capacity, (bound + Step - 1) / Step * Step) : bound;
        Start = tensor(start.Select(length => (long)length).ToArray(), [rows, 1], device: device);
        var places = Start.Plus(Arithmetic.Range(tokens, device: device));
        Positions = branches is null ? places : Start.Plus(branches.Depths);
        var first = Arithmetic.Range(cache.Lengths.Count * heads, device: device);
        if (chosen is not null)
        {
            this.chosen = first = first.view(-1, heads).index_select(0, tensor(chosen.Select(row => (long)row).ToArray(), device: device)).flatten();
        }

        first = first.Times(cache.Capacity).view(rows, heads, 1);
        slots = first.Plus(places.view(rows, 1, tokens)).flatten();
    }

    /// <summary>How many tokens each row held before, [B,1].</summary>
    internal Tensor Start { get; }

    /// <summary>Where the new tokens stand in their rows, [B,T]. They are kept one after the other, even where they stand at the same place.</summary>
    internal Tensor Positions { get; }

    /// <summary>No position reaches this; what a row has not filled of it is hidden by the mask.</summary>
    internal long Bound { get; }

    /// <summary>There are earlier tokens; else the new ones look at one another only.</summary>
    internal bool GoesOn { get; }

    /// <summary>
    /// Keeps a layer's keys and values of the new tokens, [B,T,heads,d]. Returns those of all tokens, [B·heads,Bound,d]: a view where all rows of the
    /// cache go on.
    /// </summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor k, Tensor v)
    {
        var (keys, values) = cache.Layer(layer);
        return (Put(keys, k), Put(values, v));
    }

    private Tensor Put(Tensor all, Tensor more)
    {
        var size = all.shape[2];
        more = more.detach().transpose(1, 2).reshape(-1, size);
        all.view(-1, size).index_copy_(0, slots, more);
        if (!GoesOn)
        {
            return more.view(-1, Bound, size);
        }

        var seen = all.narrow(1, 0, Bound);
        return chosen is null ? seen : seen.index_select(0, chosen);
    }
}
