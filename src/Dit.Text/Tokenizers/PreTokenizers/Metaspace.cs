using System.Text;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Writes spaces as a visible character and puts one before the text, so that words look the same wherever they stand.</summary>
/// <param name="mark">What stands for a space.</param>
/// <param name="scheme">Which pieces get one in front.</param>
/// <param name="split">Whether to cut before every mark.</param>
internal sealed class Metaspace(char mark, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly Split cut = new(new LiteralPattern(mark.ToString()), Behavior.MergedWithNext);

    /// <summary>Whether it has to know which piece the text begins with.</summary>
    public bool NeedsStart => scheme == PrependScheme.First;

    public Pieces Cut(Pieces pieces)
    {
        var text = new StringBuilder(pieces.Text.Length + 16);
        var ranges = new List<(int Start, int Length)>(pieces.Ranges.Count);
        foreach (var (start, length) in pieces.Ranges)
        {
            var begin = text.Length;
            if (pieces.Text[start] is var first && first != ' ' && first != mark && Prepends(start, pieces.Opening))
            {
                text.Append(mark);
            }

            text.Append(pieces.Text, start, length);
            ranges.Add((begin, text.Length - begin));
        }

        var marked = pieces with { Text = text.Replace(' ', mark).ToString(), Ranges = ranges };
        return split ? cut.Cut(marked) : marked;
    }

    private bool Prepends(int start, Opening opening) => scheme switch
    {
        PrependScheme.Always => start > 0 || opening != Opening.Continued,
        PrependScheme.First => start == 0 && opening == Opening.Text,
        _ => false,
    };
}
