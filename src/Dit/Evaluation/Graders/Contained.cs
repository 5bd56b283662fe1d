namespace Dit.Evaluation.Graders;

/// <summary>
/// 1 where the words of the label stand in the answer, whole, side by side and in their order, else 0. Case and what stands between words do
/// not count. A label without any word has to be matched exactly.
/// </summary>
public sealed class Contained : IGrader
{
    /// <inheritdoc/>
    public string Name => "contained";

    /// <inheritdoc/>
    public double Best => 1;

    /// <inheritdoc/>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default) =>
        [.. pairs.Select(pair => (double?)(Holds(pair.Answer, pair.Label) ? 1 : 0))];

    /// <summary>Whether an answer contains the label.</summary>
    public static bool Holds(string answer, string label)
    {
        var (said, looked) = (Words.Of(answer), Words.Of(label));
        if (looked.Length == 0)
        {
            return ExactMatch.Matches(answer, label);
        }

        for (var at = 0; at + looked.Length <= said.Length; at++)
        {
            if (said.AsSpan(at, looked.Length).SequenceEqual(looked))
            {
                return true;
            }
        }

        return false;
    }
}
