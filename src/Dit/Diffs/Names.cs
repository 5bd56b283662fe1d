namespace Dit.Diffs;

/// <summary>Many names in one sentence: the first few, and how many there are beside them.</summary>
internal static class Names
{
    private const int Shown = 3;

    /// <summary>Such as <c>a, b, c and 4 more</c>.</summary>
    public static string Few(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
