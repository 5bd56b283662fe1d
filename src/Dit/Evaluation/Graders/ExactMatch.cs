using System.Text.RegularExpressions;

namespace Dit.Evaluation.Graders;

/// <summary>
/// 1 where the answer is the label, else 0. Case, white space at the ends and the amount of it between words, quotation marks around the
/// whole and full stops at its end do not count; anything else does, an article or a plural too.
/// </summary>
public sealed partial class ExactMatch : IGrader
{
    private const string Quotes = "\"'`“”„‟‘’‚‛«»‹›「」『』";

    /// <inheritdoc/>
    public string Name => "exact";

    /// <inheritdoc/>
    public double Best => 1;

    /// <inheritdoc/>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default) =>
        [.. pairs.Select(pair => (double?)(Matches(pair.Answer, pair.Label) ? 1 : 0))];

    /// <summary>Whether an answer is the label.</summary>
    public static bool Matches(string answer, string label) => Plain(answer) == Plain(label);

    /// <summary>What of a text counts, in lower case.</summary>
    internal static string Plain(string text)
    {
        var plain = Spaces().Replace(text, " ").ToLowerInvariant();
        for (var before = -1; before != plain.Length;)
        {
            before = plain.Length;
            plain = plain.Trim().TrimEnd('.');
            if (plain.Length > 1 && Quotes.Contains(plain[0]) && Quotes.Contains(plain[^1]))
            {
                plain = plain[1..^1];
            }
        }

        return plain;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
