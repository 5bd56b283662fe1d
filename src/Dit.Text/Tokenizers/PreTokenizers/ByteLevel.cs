using System.Text;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Writes the text in the byte-level alphabet, after cutting it by its own pattern if it is to.</summary>
/// <param name="addPrefixSpace">Whether every piece that begins without a space gets one.</param>
/// <param name="pattern">What cuts, or null.</param>
internal sealed class ByteLevel(bool addPrefixSpace, Split? pattern) : IPreTokenizer
{
    /// <summary>What ByteLevel cuts by when it is told to use its own pattern.</summary>
    public const string OwnPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public Pieces Cut(Pieces pieces)
    {
        var spaced = addPrefixSpace ? WithSpaces(pieces) : pieces;
        var cut = pattern?.Cut(spaced) ?? spaced;
        var spelled = new StringBuilder(cut.Text.Length + 16);
        var ranges = new List<(int Start, int Length)>(cut.Ranges.Count);
        foreach (var (start, length) in cut.Ranges)
        {
            var begin = spelled.Length;
            ByteAlphabet.Spell(cut.Text.AsSpan(start, length), spelled);
            ranges.Add((begin, spelled.Length - begin));
        }

        return cut with { Text = spelled.ToString(), Ranges = ranges };
    }

    private static Pieces WithSpaces(Pieces pieces)
    {
        var text = new StringBuilder(pieces.Text.Length + pieces.Ranges.Count);
        var ranges = new List<(int Start, int Length)>(pieces.Ranges.Count);
        foreach (var (start, length) in pieces.Ranges)
        {
            var begin = text.Length;
            if (pieces.Text[start] != ' ' && !(begin == 0 && pieces.Opening == Opening.Continued))
            {
                text.Append(' ');
            }

            text.Append(pieces.Text, start, length);
            ranges.Add((begin, text.Length - begin));
        }

        return pieces with { Text = text.ToString(), Ranges = ranges };
    }
}
