using System.Collections;

namespace Dit.Behaviours.World;

/// <summary>
/// A list that is written when it is read, and forgotten when nobody reads it: what some thousand behaviours of a set say would otherwise
/// fill gigabytes while only those of one shard are trained.
/// </summary>
/// <param name="count">How many there are.</param>
/// <param name="write">Writes all of them, each time the same.</param>
internal sealed class WrittenList<T>(int count, Func<T[]> write) : IReadOnlyList<T>
{
    private readonly WeakReference<T[]> kept = new(null!);

    public int Count => count;

    public T this[int index] => Written()[index];

    public IEnumerator<T> GetEnumerator() => Written().AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T[] Written()
    {
        if (!kept.TryGetTarget(out var written))
        {
            written = write();
            kept.SetTarget(written);
        }

        return written;
    }
}
