using System.Text;

namespace Dit.Server.OpenAi;

/// <summary>Ends a text before the first of some strings; what may be the beginning of one is held back until it is known.</summary>
internal sealed class StopText(IReadOnlyList<string> stops)
{
    private readonly StringBuilder held = new();

    /// <summary>One of the strings came; nothing more is told.</summary>
    public bool Hit { get; private set; }

    /// <summary>Takes the next part of the text; returns what may be told of it.</summary>
    /// <param name="text">The next part.</param>
    /// <param name="isLast">Nothing comes after it.</param>
    public string Take(string text, bool isLast)
    {
        if (Hit)
        {
            return "";
        }

        var all = held.Append(text).ToString();
        held.Clear();
        var first = stops.Select(stop => all.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (first >= 0)
        {
            Hit = true;
            return all[..first];
        }

        var open = isLast ? 0 : stops.Select(stop => OpenEnd(all, stop)).DefaultIfEmpty(0).Max();
        held.Append(all, all.Length - open, open);
        return all[..^open];
    }

    /// <summary>How many characters at the end of a text are a beginning of the string.</summary>
    private static int OpenEnd(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
