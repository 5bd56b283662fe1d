using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Dit.Models.Checkpoints;

/// <summary>The regular expressions of one setting, written by whoever made the file, so that their length and the time they take are limited.</summary>
/// <param name="where">The file and the setting, for messages.</param>
internal sealed class PeftExpressions(string where)
{
    private const int MaxLength = 10_000;

    /// <summary>Ends what a file's expressions could otherwise draw out for hours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Stopwatch spent = new();

    /// <summary>An expression between two others.</summary>
    /// <exception cref="DitException">It is no regular expression, or far too long.</exception>
    public Regex Read(string before, string expression, string after)
    {
        if (expression.Length > MaxLength)
        {
            throw new DitException($"{where}: expected patterns of at most {MaxLength} characters, found one of {expression.Length}.");
        }

        try
        {
            // Python's way of naming a group.
            var own = expression.Replace("(?P<", "(?<", StringComparison.Ordinal);
            return new Regex(before + own + after, RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException e)
        {
            throw new DitException($"{where}: expected '{Shown(expression)}' to be a regular expression, found an error: {e.Message}", e);
        }
    }

    /// <summary>Matches one of the expressions.</summary>
    /// <exception cref="DitException">All that was matched so far took too long.</exception>
    public Match Match(Regex expression, string text)
    {
        spent.Start();
        try
        {
            return spent.Elapsed <= 5 * Patience ? expression.Match(text) : throw TooSlow();
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow();
        }
        finally
        {
            spent.Stop();
        }
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private DitException TooSlow() => new($"{where}: expected patterns that can be matched quickly, found some that take seconds.");
}
