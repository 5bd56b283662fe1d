namespace Dit.Text.Templates;

/// <summary>What methods of texts and filters alike do with a text.</summary>
internal static class Texts
{
    /// <summary>A text without the characters at its ends that are among <paramref name="characters"/>, or white space if null.</summary>
    public static string Strip(string text, object? characters, bool start, bool end, Budget budget)
    {
        if (characters is null or None)
        {
            text = start ? PythonText.TrimStart(text) : text;
            return end ? PythonText.TrimEnd(text) : text;
        }

        var unwanted = new HashSet<object>(new CodePoints(PythonType.Text(characters), budget).All());
        var letters = new CodePoints(text, budget);
        int first = 0;
        int last = letters.Count;
        while (start && first < last && unwanted.Contains(letters[first]))
        {
            first++;
        }

        while (end && last > first && unwanted.Contains(letters[last - 1]))
        {
            last--;
        }

        return text[letters.Unit(first)..letters.Unit(last)];
    }

    /// <summary>A text with the first occurrences replaced, or all if <paramref name="count"/> is negative.</summary>
    public static string Replace(string text, string old, string replacement, long count, Budget budget)
    {
        if (old.Length == 0)
        {
            // Python then puts the new text before every character and at the end.
            var letters = new CodePoints(text, budget);
            long places = count < 0 ? letters.Count + 1 : Math.Min(count, letters.Count + 1);
            budget.Make(text.Length + places * replacement.Length);
            return string.Concat(Enumerable.Range(0, letters.Count + 1)
                .Select(i => (i < places ? replacement : "") + (i < letters.Count ? letters[i] : "")));
        }

        long found = Count(text, old, budget);
        long replaced = count < 0 ? found : Math.Min(count, found);
        budget.Make(text.Length + replaced * (replacement.Length - old.Length));
        if (replaced == found)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        int end = 0;
        for (long i = 0; i < replaced; i++)
        {
            end = text.IndexOf(old, end, StringComparison.Ordinal) + old.Length;
        }

        return text[..end].Replace(old, replacement, StringComparison.Ordinal) + text[end..];
    }

    public static string Join(string separator, IEnumerable<string> texts, Budget budget)
    {
        var parts = new List<string>();
        long size = 0;
        foreach (string text in texts)
        {
            size += text.Length + separator.Length;
            Budget.Check(Math.Max(size, parts.Count));
            parts.Add(text);
        }

        budget.Make(size);
        return string.Join(separator, parts);
    }

    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    public static string Capitalize(string text) => text.Length == 0 ? "" : Upper(text[..1]) + text[1..].ToLowerInvariant();

    /// <summary>Whether a text has letters of one case and none of the other.</summary>
    public static bool IsCased(string text, Predicate<char> wanted, Predicate<char> unwanted, Budget budget)
    {
        budget.Read(text.Length * 4L);
        return text.Any(c => wanted(c)) && !text.Any(c => unwanted(c));
    }

    /// <summary>How often a part occurs in a text without overlaps; an empty one does before each character and at the end.</summary>
    public static long Count(string text, string part, Budget budget)
    {
        budget.Read(text.Length);
        if (part.Length == 0)
        {
            return new CodePoints(text, budget).Count + 1;
        }

        return text.AsSpan().Count(part);
    }
}
