namespace Dit.Evaluation.Graders;

/// <summary>
/// ROUGE-L (Lin, <i>ROUGE: A Package for Automatic Evaluation of Summaries</i>, 2004, section 3.1): the harmonic mean of the longest common
/// subsequence's share of the answer's words and of the label's. Recall and precision weigh the same (β = 1), and words are not stemmed. Case and
/// punctuation do not count; where one of the two has no word, an exact match counts as 1 and anything else as 0.
/// </summary>
public sealed class RougeL : IGrader
{
    /// <inheritdoc/>
    public string Name => "rouge-l";

    /// <inheritdoc/>
    public double Best => 1;

    /// <inheritdoc/>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default) =>
        [.. pairs.Select(pair => (double?)Of(pair.Answer, pair.Label))];

    /// <summary>The F-measure of an answer.</summary>
    public static double Of(string answer, string label)
    {
        var (said, looked) = (Words.Of(answer), Words.Of(label));
        if (said.Length == 0 || looked.Length == 0)
        {
            return ExactMatch.Matches(answer, label) ? 1 : 0;
        }

        // 2PR / (P + R) with P = common / said and R = common / looked.
        return 2.0 * LongestCommonSubsequence(said, looked) / (said.Length + looked.Length);
    }

    private static int LongestCommonSubsequence(string[] first, string[] second)
    {
        var row = new int[second.Length + 1];
        foreach (var word in first)
        {
            var diagonal = 0;
            for (var at = 1; at <= second.Length; at++)
            {
                var above = row[at];
                row[at] = word == second[at - 1] ? diagonal + 1 : Math.Max(above, row[at - 1]);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
