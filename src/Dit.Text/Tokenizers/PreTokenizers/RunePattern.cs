using System.Text;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Every single character of a kind.</summary>
internal sealed class RunePattern(Func<Rune, bool> isOfKind) : IPattern
{
    public void Find(ReadOnlySpan<char> text, List<(int Start, int Length)> matches)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (isOfKind(rune))
            {
                matches.Add((at, rune.Utf16SequenceLength));
            }

            at += rune.Utf16SequenceLength;
        }
    }
}
