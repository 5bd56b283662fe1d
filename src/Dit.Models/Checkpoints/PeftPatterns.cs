using System.Text.RegularExpressions;

namespace Dit.Models.Checkpoints;

/// <summary>
/// The rank_pattern or alpha_pattern of a PEFT adapter: values by regular expressions for the ends of site names. As in PEFT, an
/// expression must match the whole name or all of it behind some dot, and the first that does decides.
/// </summary>
internal sealed class PeftPatterns
{
    private readonly PeftExpressions expressions;
    private readonly List<(Regex Expression, double Value)> patterns = [];

    /// <summary>Prepares the patterns in the order of the file.</summary>
    /// <exception cref="DitException">A pattern is no regular expression.</exception>
    public PeftPatterns(string path, string setting, IEnumerable<(string Key, double Value)> values)
    {
        expressions = new PeftExpressions($"{path}: {setting}");
        foreach (var (key, value) in values)
        {
            patterns.Add((expressions.Read(@"^(.*\.)?(", key, ")$"), value));
        }
    }

    /// <summary>The value for a site; null if no pattern matches.</summary>
    /// <exception cref="DitException">The patterns take too long.</exception>
    public double? Find(string site)
    {
        foreach (var (expression, value) in patterns)
        {
            if (expressions.Match(expression, site).Success)
            {
                return value;
            }
        }

        return null;
    }
}
