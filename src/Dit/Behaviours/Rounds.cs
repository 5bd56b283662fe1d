namespace Dit.Behaviours;

/// <summary>How more behaviours are made than there are labels.</summary>
public static class Rounds
{
    /// <summary>Every label once with the seed of its behaviour, then all again with the next seed, until there are enough.</summary>
    /// <param name="labels">At least one, or whatever labels are made from.</param>
    /// <param name="count">How many behaviours there are to be.</param>
    /// <param name="seed">Seed of the first round.</param>
    public static IEnumerable<(T Label, ulong Seed)> Of<T>(IReadOnlyList<T> labels, int count, ulong seed) =>
        Enumerable.Range(0, count).Select(i => (labels[i % labels.Count], seed + (ulong)(i / labels.Count)));
}
