using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Dit.Models.Checkpoints;

/// <summary>
/// The rank_pattern or alpha_pattern of a PEFT adapter: values by regular expressions for the ends of site names. As in PEFT, an
/// expression must match the whole name or all of it behind some dot, and the first that does decides.
/// </summary>
internal sealed class PeftPatterns
{
    private const int MaxLength = 10_000;

    /// <summary>Ends what a file's expressions could otherwise draw out for hours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string where;
    private readonly List<(Regex Expression, double Value)> patterns = [];
    private readonly Stopwatch spent = new();

    /// <summary>Prepares the patterns in the order of the file.</summary>
    /// <exception cref="DitException">A pattern is no regular expression.</exception>
    public PeftPatterns(string path, string setting, IEnumerable<(string Key, double Value)> values)
    {
        where = $"{path}: {setting}";
        foreach (var (key, value) in values)
        {
            patterns.Add((Expression(key), value));
        }
    }

    /// <summary>The value for a site; null if no pattern matches.</summary>
    /// <exception cref="DitException">The patterns take too long.</exception>
    public double? Find(string site)
    {
        spent.Start();
        try
        {
            foreach (var (expression, value) in patterns)
            {
                if (expression.IsMatch(site))
                {
                    return value;
                }

                if (spent.Elapsed > 5 * Patience)
                {
                    throw TooSlow();
                }
            }

            return null;
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

    private Regex Expression(string key)
    {
        if (key.Length > MaxLength)
        {
            throw new DitException($"{where}: expected patterns of at most {MaxLength} characters, found one of {key.Length}.");
        }

        try
        {
            return new Regex($@"^(.*\.)?({key})$", RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException e)
        {
            throw new DitException($"{where}: expected '{key}' to be a regular expression, found an error: {e.Message}", e);
        }
    }

    private DitException TooSlow() => new($"{where}: expected patterns that can be matched quickly, found some that take seconds.");
}
