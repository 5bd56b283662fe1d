using System.Collections.Immutable;

namespace Dit.Models.Decoding;

/// <summary>Some of a decoder's layers, by their numbers; equal where they are the same ones.</summary>
public sealed class LayerSet : IEquatable<LayerSet>
{
    private readonly ImmutableSortedSet<int> layers;

    /// <summary>These layers.</summary>
    public LayerSet(IEnumerable<int> layers) => this.layers = [.. layers];

    /// <summary>No layer.</summary>
    public static LayerSet None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => layers.Count;

    /// <summary>A layer is among them.</summary>
    public bool Contains(int layer) => layers.Contains(layer);

    /// <inheritdoc/>
    public bool Equals(LayerSet? other) => other is not null && layers.SequenceEqual(other.layers);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LayerSet);

    /// <inheritdoc/>
    public override int GetHashCode() => layers.Aggregate(layers.Count, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => layers.IsEmpty ? "none" : string.Join(' ', layers);
}
