namespace Dit.Diffs;

/// <summary>Shards that stay open between readings, as to open one means to check all that it says of itself. For one thread at a time.</summary>
/// <param name="most">How many are open at once; those used longest ago are closed.</param>
internal sealed class OpenShards(int most = OpenShards.Usual) : IDisposable
{
    /// <summary>A set of a thousand diffs and more has fewer; a process may usually open a thousand files.</summary>
    public const int Usual = 64;

    private readonly LinkedList<(string Path, DiffShard Shard)> byUse = new();
    private readonly Dictionary<string, LinkedListNode<(string Path, DiffShard Shard)>> byPath = new(StringComparer.Ordinal);

    /// <summary>A shard, which is read from before the next is asked for.</summary>
    /// <exception cref="DitException">As <see cref="DiffShard.Open"/>.</exception>
    public DiffShard Open(string path)
    {
        if (byPath.TryGetValue(path, out var known))
        {
            byUse.Remove(known);
            byUse.AddLast(known);
            return known.Value.Shard;
        }

        var opened = byUse.AddLast((path, DiffShard.Open(path)));
        byPath.Add(path, opened);
        if (byUse.Count > most)
        {
            byPath.Remove(byUse.First!.Value.Path);
            byUse.First.Value.Shard.Dispose();
            byUse.RemoveFirst();
        }

        return opened.Value.Shard;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (_, shard) in byUse)
        {
            shard.Dispose();
        }

        byUse.Clear();
        byPath.Clear();
    }
}
