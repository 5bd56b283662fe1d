using System.Diagnostics;
using System.Text.RegularExpressions;
using Dit.Unicode;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>A regular expression.</summary>
internal sealed class RegexPattern : IPattern
{
    // Long enough for any text a sound pattern meets, short enough that a hostile one does not hang the program.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private const int CharactersPerSecond = 100_000;

    private readonly Regex regex;
    private readonly string origin;

    /// <param name="pattern">A pattern in .NET's syntax, see <see cref="OnigurumaPattern"/>.</param>
    /// <param name="origin">The file it comes from, for errors.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    public RegexPattern(string pattern, string origin)
    {
        regex = new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, s_limit);
        this.origin = origin;
    }

    public void Find(ReadOnlySpan<char> text, List<(int Start, int Length)> matches)
    {
        var shadow = text.ContainsAnyInRange('\uD800', '\uDFFF') ? ShadowText.Of(text) : null;
        var began = Stopwatch.GetTimestamp();
        var limit = s_limit + TimeSpan.FromSeconds(text.Length / CharactersPerSecond);
        var checkedAt = 0;
        try
        {
            foreach (var match in regex.EnumerateMatches(shadow is null ? text : shadow.Text))
            {
                var end = match.Index + match.Length;
                if (shadow is null)
                {
                    matches.Add((match.Index, match.Length));
                }
                else
                {
                    matches.Add((shadow.StartOf(match.Index), shadow.StartOf(end) - shadow.StartOf(match.Index)));
                }

                // The limit of .NET is one for each match; many slow matches must not add up either.
                if (++checkedAt % 64 == 0 && Stopwatch.GetElapsedTime(began) > limit)
                {
                    throw TooSlow(null);
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(e);
        }
    }

    private DitException TooSlow(Exception? cause)
    {
        var message = $"{origin}: its pattern took longer than {s_limit.TotalSeconds:0} s to cut one text";
        return cause is null ? new(message) : new(message, cause);
    }
}
