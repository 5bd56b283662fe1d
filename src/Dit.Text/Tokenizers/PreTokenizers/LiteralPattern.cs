namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>A string as it is.</summary>
internal sealed class LiteralPattern(string literal) : IPattern
{
    /// <summary>The string.</summary>
    public string Literal => literal;

    public void Find(ReadOnlySpan<char> text, List<(int Start, int Length)> matches)
    {
        for (var at = 0; at < text.Length;)
        {
            var found = text[at..].IndexOf(literal, StringComparison.Ordinal);
            if (found < 0)
            {
                return;
            }

            matches.Add((at + found, literal.Length));
            at += found + literal.Length;
        }
    }
}
