using System.Text.RegularExpressions;
using Dit.Unicode;

namespace Dit.Text.Tokenizers;

/// <summary>The pre-tokenizer Split with the behaviour Isolated: every match is a piece, and so is what lies between.</summary>
internal sealed class SplitPattern : IPreTokenizer
{
    // Long enough for any text a sound pattern meets, short enough that a hostile one does not hang the program.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly Regex regex;
    private readonly string origin;

    /// <param name="pattern">A pattern in .NET's syntax, see <see cref="OnigurumaPattern"/>.</param>
    /// <param name="origin">The file it comes from, for errors.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    public SplitPattern(string pattern, string origin)
    {
        regex = new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, s_limit);
        this.origin = origin;
    }

    public void Split(ReadOnlySpan<char> text, int offset, List<(int Start, int Length)> pieces)
    {
        var shadow = text.ContainsAnyInRange('\uD800', '\uDFFF') ? ShadowText.Of(text) : null;
        var end = offset;
        try
        {
            foreach (var match in regex.EnumerateMatches(shadow is null ? text : shadow.Text))
            {
                var start = offset + (shadow?.StartOf(match.Index) ?? match.Index);
                Add(end, start);
                end = offset + (shadow?.StartOf(match.Index + match.Length) ?? (match.Index + match.Length));
                Add(start, end);
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new DitException($"{origin}: its pattern took longer than {s_limit.TotalSeconds:0} s to cut one text", e);
        }

        Add(end, offset + text.Length);

        void Add(int from, int to)
        {
            if (to > from)
            {
                pieces.Add((from, to - from));
            }
        }
    }
}
