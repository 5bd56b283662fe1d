using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>
/// A tensor that a torch file describes and that has not been read yet. It lies within its storage and has no more elements than that,
/// so that reading it cannot take more memory than the file has bytes.
/// </summary>
/// <param name="Storage">The numbers it is a view of; several tensors may share one.</param>
/// <param name="Offset">Its first element, counted in elements from the storage's start.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Strides">Steps in elements along each dimension, none negative.</param>
public sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>The type of its elements.</summary>
    public ScalarType Type => Storage.Type;

    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>How many bytes its numbers take.</summary>
    public long Bytes => Count * Storage.ElementSize;

    /// <summary>Whether its numbers lie one behind the other in the file.</summary>
    internal bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                {
                    return false;
                }

                expected *= Shape[i];
            }

            return true;
        }
    }

    /// <summary>Elements of the storage from its first to its last, those between them included.</summary>
    internal long Span => Count == 0 ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();
}

/// <summary>The numbers behind tensors: one record of the file.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="ElementSize">Bytes an element takes.</param>
/// <param name="Count">How many elements there are.</param>
/// <param name="Position">First byte, counted from the start of the file.</param>
public sealed record TorchStorage(string Key, ScalarType Type, int ElementSize, long Count, long Position);

/// <summary>A Python tuple.</summary>
public sealed record TorchTuple(IReadOnlyList<object?> Items)
{
    internal static TorchTuple Empty { get; } = new([]);
}

/// <summary>A Python list.</summary>
public sealed class TorchList
{
    internal List<object?> Mutable { get; } = [];

    /// <summary>What it holds: null, bool, long, double, string, byte[], <see cref="ScalarType"/>, or another of these types.</summary>
    public IReadOnlyList<object?> Items => Mutable;
}

/// <summary>A Python dict or OrderedDict. Its keys are text or whole numbers (long).</summary>
public sealed class TorchDict
{
    // Up to here looking through all entries is as fast, and files hold very many small ones.
    private const int Small = 8;

    private List<KeyValuePair<object, object?>>? entries;
    private Dictionary<object, int>? places;

    /// <summary>Its entries in the order of the file.</summary>
    public IReadOnlyList<KeyValuePair<object, object?>> Entries => entries ?? [];

    /// <summary>What stands under a key; null where it is missing, too.</summary>
    public object? this[string key] => Place(key) is var place and >= 0 ? entries![place].Value : null;

    /// <summary>Whether there is something under a key.</summary>
    public bool Has(string key) => Place(key) >= 0;

    /// <summary>Sets an entry as Python does: a later value takes the place of an earlier one.</summary>
    internal void Set(object key, object? value)
    {
        entries ??= new(1);
        if (Place(key) is var place and >= 0)
        {
            entries[place] = new(key, value);
            return;
        }

        entries.Add(new(key, value));
        if (places is null && entries.Count > Small)
        {
            places = new(Keys.Hard);
            for (var i = 0; i < entries.Count - 1; i++)
            {
                places.Add(entries[i].Key, i);
            }
        }

        places?.Add(key, entries.Count - 1);
    }

    private int Place(object key) => places is not null
        ? places.GetValueOrDefault(key, -1)
        : entries?.FindIndex(entry => entry.Key.Equals(key)) ?? -1;

    /// <summary>Keys by hashes that a file cannot foresee; those of plain numbers are the numbers themselves.</summary>
    private sealed class Keys : IEqualityComparer<object>
    {
        public static Keys Hard { get; } = new();

        public new bool Equals(object? x, object? y) => object.Equals(x, y);

        public int GetHashCode(object key) => key is long number ? HashCode.Combine((int)number, (int)(number >> 32)) : key.GetHashCode();
    }
}
