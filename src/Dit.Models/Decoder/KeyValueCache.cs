using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Keys and values of the tokens a model has seen, for many rows of different lengths; room for all of them is taken at once.
/// Row i holds its tokens at 0 .. Lengths[i]-1; what lies behind is unspecified but finite. Not for use while training.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    // Of each layer, [rows · heads, capacity, d]: what attention multiplies with is then a view.
    private readonly Tensor[] keys;
    private readonly Tensor[] values;
    private readonly int[] lengths;

    /// <summary>An empty cache for <paramref name="rows"/> texts of at most <paramref name="capacity"/> tokens each.</summary>
    /// <exception cref="DitException">There is not enough memory for it.</exception>
    public KeyValueCache(ModelConfig config, int rows, int capacity, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (Capacity, lengths) = (capacity, new int[rows]);
        var bytes = (Int128)2 * config.LayerCount * rows * config.KeyValueHeadCount * capacity * config.HeadSize * type.ElementSize();
        var noRoom = $"cache of keys and values: expected room for {rows} rows of {capacity} tokens, {bytes >> 20} MiB, found less memory.";
        // Asked before, as the system promises memory that it does not have and then ends the process.
        if ((device is null || device.type == DeviceType.CPU) && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw new DitException(noRoom);
        }

        (keys, values) = (new Tensor[config.LayerCount], new Tensor[config.LayerCount]);
        using var scope = NewDisposeScope();
        try
        {
            for (var layer = 0; layer < config.LayerCount; layer++)
            {
                // Zeros and not whatever the memory holds: a masked NaN would still be a NaN.
                keys[layer] = zeros([(long)rows * config.KeyValueHeadCount, capacity, config.HeadSize], type, device);
                values[layer] = zeros_like(keys[layer]);
            }
        }
        catch (ExternalException e)
        {
            throw new DitException(noRoom, e);
        }

        foreach (var layer in keys.Concat(values))
        {
            layer.DetachFromDisposeScope();
        }
    }

    private KeyValueCache(Tensor[] keys, Tensor[] values, int[] lengths, int capacity) =>
        (this.keys, this.values, this.lengths, Capacity) = (keys, values, lengths, capacity);

    /// <summary>The most tokens a row can hold.</summary>
    public int Capacity { get; }

    /// <summary>How many tokens each row holds.</summary>
    public IReadOnlyList<int> Lengths => lengths;

    /// <summary>A new cache of only these rows, in this order.</summary>
    public KeyValueCache SelectRows(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        var index = tensor(rows.Select(row => (long)row).ToArray(), device: keys[0].device);
        Tensor Selected(Tensor layer) =>
            layer.view(lengths.Length, -1, Capacity, layer.shape[2]).index_select(0, index).view(-1, Capacity, layer.shape[2]).DetachFromDisposeScope();
        return new KeyValueCache([.. keys.Select(Selected)], [.. values.Select(Selected)], [.. rows.Select(row => lengths[row])], Capacity);
    }

    /// <summary>
    /// A new cache of <paramref name="from"/>.Count rows with room for <paramref name="capacity"/> tokens each, of which row i holds what row
    /// <paramref name="from"/>[i] does here; -1 stands for an empty one.
    /// </summary>
    /// <exception cref="DitException">There is not enough memory for it.</exception>
    internal KeyValueCache Arranged(ModelConfig config, IReadOnlyList<int> from, int capacity)
    {
        using var frozen = no_grad();
        var arranged = new KeyValueCache(config, from.Count, capacity, keys[0].dtype, keys[0].device);
        int[] filled = [.. Enumerable.Range(0, from.Count).Where(row => from[row] >= 0 && lengths[from[row]] > 0)];
        if (filled.Length == 0)
        {
            return arranged;
        }

        using var scope = NewDisposeScope();
        var (source, target) = (tensor(filled.Select(row => (long)from[row]).ToArray(), device: keys[0].device), tensor(filled.Select(row => (long)row).ToArray(), device: keys[0].device));
        var longest = filled.Max(row => lengths[from[row]]);
        foreach (var (old, fresh) in keys.Concat(values).Zip(arranged.keys.Concat(arranged.values)))
        {
            using var each = NewDisposeScope();
            fresh.view(from.Count, -1, capacity, fresh.shape[2]).narrow(2, 0, longest).index_copy_(
                0, target, old.view(lengths.Length, -1, Capacity, old.shape[2]).narrow(2, 0, longest).index_select(0, source));
        }

        foreach (var row in filled)
        {
            arranged.lengths[row] = lengths[from[row]];
        }

        return arranged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in keys.Concat(values))
        {
            layer.Dispose();
        }
    }

    /// <summary>Empties rows, so that other texts can be kept in their place.</summary>
    internal void Clear(IReadOnlyList<int> rows)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var index = tensor(rows.Select(row => (long)row).ToArray(), device: keys[0].device);
        foreach (var layer in keys.Concat(values))
        {
            // Numbers that nothing may look at are hidden by a mask, but not those that are no numbers.
            layer.view(lengths.Length, -1).Fill_(0, index, 0);
        }

        Forget(rows);
    }

    /// <summary>Lets rows begin anew, over whatever they hold.</summary>
    internal void Forget(IReadOnlyList<int> rows)
    {
        foreach (var row in rows)
        {
            lengths[row] = 0;
        }
    }

    /// <summary>Lets a row go on from its first tokens, over what it holds behind them.</summary>
    internal void Shorten(int row, int length) => lengths[row] = Math.Min(lengths[row], length);

    /// <summary>Makes row <paramref name="to"/>[i] hold what row <paramref name="from"/>[i] does, for each i; they may not overlap.</summary>
    internal void Copy(IReadOnlyList<int> from, IReadOnlyList<int> to)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var (source, target) = (tensor(from.Select(row => (long)row).ToArray(), device: keys[0].device), tensor(to.Select(row => (long)row).ToArray(), device: keys[0].device));
        var longest = from.Max(row => lengths[row]);
        foreach (var layer in keys.Concat(values))
        {
            using var each = NewDisposeScope();
            var rows = layer.view(lengths.Length, -1, Capacity, layer.shape[2]).narrow(2, 0, longest);
            rows.index_copy_(0, target, rows.index_select(0, source));
        }

        for (var i = 0; i < from.Count; i++)
        {
            lengths[to[i]] = lengths[from[i]];
        }
    }

    /// <summary>
    /// Makes room for further tokens in some rows, or in all: of <paramref name="tokens"/> columns, the first <paramref name="counts"/>[i] are
    /// real in row <paramref name="rows"/>[i].
    /// </summary>
    /// <exception cref="DitException">These are not the cache's rows, or one would hold more than there is room for.</exception>
    internal CachePass Begin(long tokens, IReadOnlyList<int> counts, int[]? rows = null)
    {
        var start = Start(counts.Count, tokens, rows);
        for (var i = 0; i < counts.Count; i++)
        {
            lengths[rows?[i] ?? i] += counts[i];
        }

        return new CachePass(this, start, tokens, rows);
    }

    /// <summary>The same for tokens that go on in several ways at once: they are forgotten again after the pass.</summary>
    /// <exception cref="DitException">These are not the cache's rows, or there is no room for so many tokens.</exception>
    internal CachePass Begin(TokenBranches branches) => new(this, Start((int)branches.Depths.shape[0], branches.Depths.shape[1]), branches.Depths.shape[1], branches: branches);

    internal (Tensor Keys, Tensor Values) Layer(int layer) => (keys[layer], values[layer]);

    private int[] Start(int count, long tokens, int[]? rows = null)
    {
        var expected = rows?.Length ?? lengths.Length;
        if (count != expected)
        {
            throw new DitException($"cache of keys and values: expected its {expected} rows, found {count}.");
        }

        int[] start = rows is null ? [.. lengths] : [.. rows.Select(row => lengths[row])];
        var longest = start.Max() + tokens;
        return longest <= Capacity
            ? start
            : throw new DitException($"cache of keys and values: expected at most {Capacity} tokens a row, found {longest}.");
    }
}
