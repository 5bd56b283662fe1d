using System.Text;
using Dit.Text.Tokenizers.PreTokenizers;

namespace Dit.Text.Tokenizers;

/// <summary>Replaces all that a pattern matches, in texts and in tokens.</summary>
internal static class Replacing
{
    /// <summary>The text with every match replaced.</summary>
    public static string All(string text, IPattern pattern, string replacement)
    {
        if (pattern is LiteralPattern { Literal: { Length: > 0 } literal })
        {
            return text.Replace(literal, replacement, StringComparison.Ordinal);
        }

        var matches = new List<(int Start, int Length)>();
        pattern.Find(text, matches);
        if (matches.Count == 0)
        {
            return text;
        }

        var replaced = new StringBuilder(text.Length);
        var done = 0;
        foreach (var (start, length) in matches)
        {
            replaced.Append(text, done, start - done).Append(replacement);
            done = start + length;
        }

        return replaced.Append(text, done, text.Length - done).ToString();
    }
}
