namespace Dit.Text.Templates;

/// <summary>Python's ways of cutting a text into parts.</summary>
internal static class Splitting
{
    public static SequenceValue Split(string text, Arguments arguments, bool fromEnd, Budget budget)
    {
        object?[] given = arguments.Bind("split", 0, "sep", "maxsplit");
        long most = PythonType.Integer(given[1] ?? -1L);
        most = most < 0 ? long.MaxValue : most;
        List<string> parts = given[0] is null or None
            ? AtSpaces(text, most, fromEnd, budget)
            : At(text, PythonType.Text(given[0]!), most, fromEnd, budget);
        budget.Make(text.Length);
        return new SequenceValue([.. parts]);
    }

    public static SequenceValue Partition(string text, Arguments arguments, bool fromEnd, Budget budget)
    {
        string separator = Separator(arguments.Bind("partition", 1, "sep")[0]!);
        int at = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        budget.Make(text.Length);
        return (at, fromEnd) switch
        {
            ( < 0, true) => SequenceValue.Tuple("", "", text),
            ( < 0, false) => SequenceValue.Tuple(text, "", ""),
            _ => SequenceValue.Tuple(text[..at], separator, text[(at + separator.Length)..]),
        };
    }

    /// <summary>The lines of a text; a newline at its end does not begin another.</summary>
    public static IEnumerable<string> Lines(string text, bool keepEnds, Budget budget)
    {
        budget.Make(text.Length);
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && !EndsLine(text[end]))
            {
                end++;
            }

            int next = end + (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1);
            next = Math.Min(next, text.Length);
            yield return text[start..(keepEnds ? next : end)];
            start = next;
        }
    }

    private static bool EndsLine(char letter) => letter is >= '\n' and <= '\r' or >= '\x1c' and <= '\x1e' or '\x85' or '\u2028' or '\u2029';

    private static string Separator(object value) =>
        PythonType.Text(value) is { Length: > 0 } separator
            ? separator
            : throw new DitException("expected a separator, found an empty text");

    private static List<string> At(string text, string separator, long most, bool fromEnd, Budget budget)
    {
        separator = Separator(separator);
        var parts = new List<string>();
        int start = 0;
        int end = text.Length;
        while (parts.Count < most)
        {
            int at = fromEnd
                ? text.AsSpan(start, end - start).LastIndexOf(separator)
                : text.IndexOf(separator, start, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            budget.Make(16);
            parts.Add(fromEnd ? text[(at + separator.Length)..end] : text[start..at]);
            (start, end) = fromEnd ? (start, at) : (at + separator.Length, end);
        }

        parts.Add(text[start..end]);
        if (fromEnd)
        {
            parts.Reverse();
        }

        return parts;
    }

    private static List<string> AtSpaces(string text, long most, bool fromEnd, Budget budget)
    {
        var parts = new List<string>();
        int start = 0;
        int end = text.Length;
        while (true)
        {
            while (start < end && PythonText.IsSpace(text[start]) && !fromEnd)
            {
                start++;
            }

            while (end > start && PythonText.IsSpace(text[end - 1]) && fromEnd)
            {
                end--;
            }

            if (start == end)
            {
                break;
            }

            budget.Make(16);
            if (parts.Count == most)
            {
                parts.Add(text[start..end]);
                break;
            }

            int edge = fromEnd ? end : start;
            while (fromEnd ? edge > start && !PythonText.IsSpace(text[edge - 1]) : edge < end && !PythonText.IsSpace(text[edge]))
            {
                edge += fromEnd ? -1 : 1;
            }

            parts.Add(fromEnd ? text[edge..end] : text[start..edge]);
            (start, end) = fromEnd ? (start, edge) : (edge, end);
        }

        if (fromEnd)
        {
            parts.Reverse();
        }

        return parts;
    }
}
