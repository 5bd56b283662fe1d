using System.Globalization;
using System.Text;

namespace Dit;

/// <summary>
/// Text that may come from a hostile file or from a model, as it may reach a terminal: what would move the cursor, change colours or turn
/// the direction of writing is shown as its number, such as <c>\u001b</c>.
/// </summary>
public static class Printable
{
    private const int LongestLine = 1000, LongestName = 80;
    private const string Joiners = "\u200c\u200d"; // Parts of words and of emoji, which show nothing themselves.

    /// <summary>One line of at most <paramref name="longest"/> characters; of a longer one the middle is left out.</summary>
    public static string Line(string text, int longest = LongestLine)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Cut(Visible(Cut(text, longest), kept: ""), longest); // Cut before, too: the text may be as large as a file.
    }

    /// <summary>Text of any length with its line feeds and tabs.</summary>
    public static string Lines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Visible(text, kept: "\n\t");
    }

    /// <summary>A short name in quotes.</summary>
    public static string Text(string text) => $"'{Line(text, LongestName)}'";

    private static string Visible(string text, string kept)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var whole = Rune.TryGetRuneAt(text, at, out var rune);
            var length = whole ? rune.Utf16SequenceLength : 1;
            var part = text.AsSpan(at, length);
            if (whole && (!IsHidden(rune) || (length == 1 && kept.Contains(part[0]))))
            {
                shown.Append(part);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(whole ? rune.Value : text[at]):x4}");
            }

            at += length;
        }

        return shown.ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => !(rune.IsBmp && Joiners.Contains((char)rune.Value)),
        _ => false,
    };

    /// <summary>More of the start is kept than of the end; both can say what matters.</summary>
    private static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var start = longest * 2 / 3;
        var end = text.Length - (longest - start - 1);
        start -= char.IsHighSurrogate(text[start - 1]) ? 1 : 0;
        end += char.IsLowSurrogate(text[end]) ? 1 : 0;
        return $"{text.AsSpan(0, start)}…{text.AsSpan(end)}";
    }
}
