using System.Text.RegularExpressions;

namespace Dit.Evaluation.Graders;

/// <summary>
/// The harmonic mean of the share of the answer's words that are the label's and the share of the label's words that are the answer's, each
/// counted as often as it occurs: the F1 of SQuAD (Rajpurkar, Zhang, Lopyrev, Liang, arXiv 1606.05250, section 6.1). As in SQuAD's own
/// evaluation, ASCII punctuation and the English articles do not count; where nothing is left of one of the two, it is 1 only if nothing is left
/// of the other.
/// </summary>
public sealed partial class TokenF1 : IGrader
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <inheritdoc/>
    public string Name => "token-f1";

    /// <inheritdoc/>
    public double Best => 1;

    /// <inheritdoc/>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default) =>
        [.. pairs.Select(pair => (double?)Of(pair.Answer, pair.Label))];

    /// <summary>The F1 of an answer.</summary>
    public static double Of(string answer, string label)
    {
        var (said, looked) = (Tokens(answer), Tokens(label));
        if (said.Length == 0 || looked.Length == 0)
        {
            return said.Length == looked.Length ? 1 : 0;
        }

        var left = looked.CountBy(token => token).ToDictionary(StringComparer.Ordinal);
        var common = 0;
        foreach (var token in said)
        {
            if (left.GetValueOrDefault(token) > 0)
            {
                left[token]--;
                common++;
            }
        }

        // 2PR / (P + R) with P = common / said and R = common / looked.
        return 2.0 * common / (said.Length + looked.Length);
    }

    private static string[] Tokens(string text) =>
        Articles().Replace(string.Concat(text.ToLowerInvariant().Where(letter => !Punctuation.Contains(letter))), " ")
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\b(a|an|the)\b")]
    private static partial Regex Articles();
}
