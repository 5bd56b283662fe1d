using System.Text;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>
/// Patterns in tokenizer.json are written for Oniguruma. Only what means the same in .NET is let through or rewritten; the rest is
/// refused, as a pattern that is understood differently would give wrong tokens silently.
/// </summary>
internal sealed class OnigurumaPattern
{
    private static readonly string[] s_groups = ["(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"];

    // Two letters that one character may stand for where case does not matter, to Oniguruma but not to .NET.
    private static readonly string[] s_ligatures = ["ss", "st", "ff", "fi", "fl"];

    private readonly string pattern;
    private readonly StringBuilder output = new();
    private readonly Stack<(bool IgnoresCase, int Start)> groups = new([(false, 0)]);
    private int classStart = -1;
    private int atomStart;
    private bool afterQuantifier;

    private OnigurumaPattern(string pattern) => this.pattern = pattern;

    private bool InClass => classStart >= 0;

    private bool IgnoresCase => groups.Peek().IgnoresCase;

    /// <summary>The pattern in .NET's syntax, or null and what is not supported.</summary>
    public static string? Translate(string pattern, out string problem)
    {
        var translation = new OnigurumaPattern(pattern);
        for (var i = 0; i < pattern.Length;)
        {
            var length = translation.Take(i);
            if (length == 0)
            {
                problem = $"'{pattern[i..Math.Min(i + 4, pattern.Length)]}' at {i}";
                return null;
            }

            i += length;
        }

        problem = "";
        return translation.output.ToString();
    }

    /// <summary>Writes what stands at this place and returns its length, or 0 where it is not supported.</summary>
    private int Take(int i)
    {
        var c = pattern[i];
        if (char.IsSurrogate(c))
        {
            return 0;
        }

        if (InClass)
        {
            return TakeInClass(i, c);
        }

        switch (c)
        {
            case '^' or '$':
                return 0;
            case '[':
                return TakeClassStart(i);
            case '(':
                return TakeGroup(i);
            case ')':
                return TakeGroupEnd(i);
            case '?' or '*' or '+':
                return TakeQuantifier(i, c);
            case '{':
                return Quantified(i, RepeatLength(i));
            case '|':
                return Atom(i, 1);
            case '\\':
                return Atom(i, EscapeLength(i));
            default:
                return TakeLetter(i, c);
        }
    }

    private int TakeInClass(int i, char c)
    {
        // Sets inside sets, sets taken together, and ranges whose other case would need to be known.
        if (c == '[' || (c == '&' && Next(i) == '&') || (c == '-' && IgnoresCase))
        {
            return 0;
        }

        if (c == ']')
        {
            var isEmpty = i == classStart + 1;
            classStart = -1;
            return isEmpty ? 0 : Write(i, 1);
        }

        if (IgnoresCase && c is 's' or 'S')
        {
            output.Append('\u017F');
        }

        return Write(i, c == '\\' ? EscapeLength(i) : 1);
    }

    private int TakeClassStart(int i)
    {
        classStart = Next(i) == '^' ? i + 1 : i;
        return Atom(i, classStart - i + 1);
    }

    private int TakeGroup(int i)
    {
        var length = Next(i) != '?' ? 1 : Array.Find(s_groups, g => string.CompareOrdinal(pattern, i, g, 0, g.Length) == 0)?.Length ?? 0;
        groups.Push((IgnoresCase || (length == 4 && pattern[i + 2] == 'i'), output.Length));
        return Atom(i, length);
    }

    private int TakeGroupEnd(int i)
    {
        if (groups.Count == 1)
        {
            return 0;
        }

        var start = groups.Pop().Start;
        Atom(i, 1);
        atomStart = start;
        return 1;
    }

    private int TakeQuantifier(int i, char c)
    {
        if (!afterQuantifier)
        {
            return Quantified(i, 1);
        }

        // Behind another quantifier a question mark makes it lazy, and a plus makes it keep all that it took.
        afterQuantifier = false;
        if (c == '+')
        {
            output.Insert(atomStart, "(?>").Append(')');
            return 1;
        }

        return c == '?' ? Write(i, 1) : 0;
    }

    private int TakeLetter(int i, char c)
    {
        if (!IgnoresCase)
        {
            return Atom(i, 1);
        }

        if (Array.Exists(s_ligatures, pair => string.Compare(pattern, i, pair, 0, 2, StringComparison.OrdinalIgnoreCase) == 0))
        {
            return 0;
        }

        if (c is not ('s' or 'S'))
        {
            return Atom(i, 1);
        }

        // The long s is an s to Oniguruma and is not to .NET.
        Atom(i, 0);
        output.Append("[sS\u017F]");
        return 1;
    }

    private int Atom(int i, int length)
    {
        (atomStart, afterQuantifier) = (output.Length, false);
        return Write(i, length);
    }

    private int Quantified(int i, int length)
    {
        // What a repeat in braces with another quantifier behind it means is not agreed on.
        afterQuantifier = length == 1;
        return Write(i, length);
    }

    private int Write(int i, int length)
    {
        output.Append(pattern, i, length);
        return length;
    }

    private char Next(int i) => i + 1 < pattern.Length ? pattern[i + 1] : '\0';

    private int EscapeLength(int i)
    {
        var next = Next(i);
        if (next is 'p' or 'P')
        {
            var end = pattern.IndexOf('}', i);
            var name = end > i + 3 && pattern[i + 2] == '{' ? pattern[(i + 3)..end] : "";
            var known = name.Length is 1 or 2 && "LMNPSZ".Contains(name[0]) && (name.Length == 1 || char.IsAsciiLetterLower(name[1]));

            // Whether a letter's case still counts where case does not matter, the two disagree.
            return known && !(IgnoresCase && (name is "Lu" or "Ll" or "Lt")) ? end - i + 1 : 0;
        }

        return next is 'r' or 'n' or 't' or 's' or 'S' or 'd' or 'D' || (char.IsAscii(next) && (char.IsPunctuation(next) || char.IsSymbol(next))) ? 2 : 0;
    }

    /// <summary>{2}, {2,} and {2,3}; {,3} is text to .NET, and what follows }? or }+ means is not agreed on.</summary>
    private int RepeatLength(int i)
    {
        var end = pattern.IndexOf('}', i);
        if (end < i + 2 || !char.IsAsciiDigit(pattern[i + 1]) || Next(end) is '?' or '+' or '*')
        {
            return 0;
        }

        var inside = pattern[(i + 1)..end];
        return inside.All(c => char.IsAsciiDigit(c) || c == ',') && inside.Count(c => c == ',') <= 1 ? end - i + 1 : 0;
    }
}
