using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One forward pass over further tokens of a cache: where they stand, where they are kept and what each may see.</summary>
internal sealed class CachePass
{
    // oneDNN prepares and keeps a kernel for every shape: with a length more for each token it would prepare them all the time and grow.
    private const long Step = 64;

    private readonly KeyValueCache cache;
    private readonly Tensor slots;

    internal CachePass(KeyValueCache cache, int[] start, long tokens, TokenBranches? branches = null)
    {
        this.cache = cache;
        var (keys, _) = cache.Layer(0);
        var (rows, heads, device) = (start.Length, keys.shape[0] / start.Length, keys.device);
        var bound = start.Max() + tokens;
        GoesOn = bound > tokens;
        Bound = GoesOn ? Math.Min(cache.Capacity, (bound + Step - 1) / Step * Step) : bound;
        Start = tensor(start.Select(length => (long)length).ToArray(), [rows, 1], device: device);
        var places = Start.Plus(Arithmetic.Range(tokens, device: device));
        Positions = branches is null ? places : Start.Plus(branches.Depths);
        var first = Arithmetic.Range(rows * heads, device: device).Times_(cache.Capacity).view(rows, heads, 1);
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

    /// <summary>Keeps a layer's keys and values of the new tokens, [B,T,heads,d]. Returns those of all tokens, [B·heads,Bound,d].</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor k, Tensor v)
    {
        var (keys, values) = cache.Layer(layer);
        Put(keys, k);
        Put(values, v);
        return (keys.narrow(1, 0, Bound), values.narrow(1, 0, Bound));
    }

    private void Put(Tensor all, Tensor more)
    {
        var size = all.shape[2];
        all.view(-1, size).index_copy_(0, slots, more.detach().transpose(1, 2).reshape(-1, size));
    }
}
