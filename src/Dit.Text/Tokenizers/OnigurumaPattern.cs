using System.Text;

namespace Dit.Text.Tokenizers;

/// <summary>
/// Patterns in tokenizer.json are written for Oniguruma. Only what means the same in .NET is let through; the rest is refused,
/// as a pattern that is understood differently would give wrong tokens silently.
/// </summary>
internal static class OnigurumaPattern
{
    private static readonly string[] s_groups = ["(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"];

    /// <summary>The pattern in .NET's syntax, or null and what is not supported.</summary>
    public static string? Translate(string pattern, out string problem)
    {
        var output = new StringBuilder();
        var ignoringCase = new Stack<bool>([false]);
        var classStart = -1;
        problem = "";
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            var inClass = classStart >= 0;
            if (char.IsSurrogate(c) || (inClass && (c == '[' || (c == '&' && Next(pattern, i) == '&'))) || (!inClass && c is '^' or '$'))
            {
                problem = $"'{(char.IsSurrogate(c) ? "a character outside the BMP" : c)}' at {i}";
                return null;
            }

            var length = 1;
            if (c == '\\')
            {
                length = EscapeLength(pattern, i);
            }
            else if (c == '[')
            {
                classStart = Next(pattern, i) == '^' ? i + 1 : i;
                length = classStart - i + 1;
            }
            else if (c == ']' && inClass)
            {
                length = i == classStart + 1 ? 0 : 1;
                classStart = -1;
            }
            else if (c == '(' && !inClass)
            {
                length = GroupLength(pattern, i);
                ignoringCase.Push(ignoringCase.Peek() || (length == 4 && pattern[i + 2] == 'i'));
            }
            else if (c == ')' && !inClass)
            {
                length = ignoringCase.Count > 1 ? 1 : 0;
                ignoringCase.TryPop(out _);
            }
            else if (c == '{' && !inClass)
            {
                length = RepeatLength(pattern, i);
            }
            else if (c is 's' or 'S' && !inClass && ignoringCase.Peek())
            {
                // The long s is an s to Oniguruma and is not to .NET.
                output.Append("[sS\u017F]");
                continue;
            }

            if (length == 0)
            {
                problem = $"'{pattern[i..Math.Min(i + 4, pattern.Length)]}' at {i}";
                return null;
            }

            output.Append(pattern, i, length);
            i += length - 1;
        }

        return output.ToString();
    }

    private static char Next(string pattern, int i) => i + 1 < pattern.Length ? pattern[i + 1] : '\0';

    private static int EscapeLength(string pattern, int i)
    {
        var next = Next(pattern, i);
        if (next is 'p' or 'P')
        {
            var end = pattern.IndexOf('}', i);
            var name = end > i + 3 && pattern[i + 2] == '{' ? pattern[(i + 3)..end] : "";
            var known = name.Length is 1 or 2 && "LMNPSZ".Contains(name[0]) && (name.Length == 1 || char.IsAsciiLetterLower(name[1]));
            return known ? end - i + 1 : 0;
        }

        return next is 'r' or 'n' or 't' or 's' or 'S' or 'd' or 'D' || (char.IsAscii(next) && char.IsPunctuation(next)) ? 2 : 0;
    }

    private static int GroupLength(string pattern, int i)
    {
        if (Next(pattern, i) != '?')
        {
            return 1;
        }

        var group = Array.Find(s_groups, g => string.CompareOrdinal(pattern, i, g, 0, g.Length) == 0);
        return group?.Length ?? 0;
    }

    /// <summary>{2}, {2,} and {2,3}; {,3} is text to .NET, and what follows }? or }+ means is not agreed on either.</summary>
    private static int RepeatLength(string pattern, int i)
    {
        var end = pattern.IndexOf('}', i);
        if (end < i + 2 || !char.IsAsciiDigit(pattern[i + 1]) || Next(pattern, end) is '?' or '+' or '*')
        {
            return 0;
        }

        var inside = pattern[(i + 1)..end];
        return inside.All(c => char.IsAsciiDigit(c) || c == ',') && inside.Count(c => c == ',') <= 1 ? end - i + 1 : 0;
    }
}
