using System.Globalization;
using Dit.Interpretation;
using Dit.Models;
using Dit.Text;

namespace Dit.Evaluation.Methods;

/// <summary>
/// What the bare base says when it is asked for the label of a text: each candidate's share of the probability of all, meant with an equal
/// share for all, so that no text rules a label out.
/// </summary>
internal sealed class LabelShares
{
    private readonly Dictionary<string, double[]> logShares;

    /// <summary>Reads every text once for all candidates.</summary>
    /// <param name="model">The base.</param>
    /// <param name="asking">How it is asked, with <c>{0}</c> for the text.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="candidates">The labels.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">A text is too long.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public LabelShares(BaseModel model, string asking, IEnumerable<string> texts, IReadOnlyList<string> candidates, CancellationToken cancellation)
    {
        string[] distinct = [.. texts.Distinct(StringComparer.Ordinal)];
        var scores = AnswerScores.OfEach(
            model, null, [.. distinct.Select(_ => -1)], null,
            [.. distinct.Select(text => (IReadOnlyList<Message>)[new Message("user", string.Format(CultureInfo.InvariantCulture, asking, text))])], candidates, ended: false, cancellation);
        logShares = distinct.Zip(scores, (text, found) => (text, LogShares(found))).ToDictionary(each => each.text, each => each.Item2, StringComparer.Ordinal);
    }

    /// <summary>The log of how many times larger a label's share is for one text than for another; null stands for a text that has all shares equal.</summary>
    public double LogRatio(string text, string? other, int label) => logShares[text][label] - (other is null ? -Math.Log(logShares[text].Length) : logShares[other][label]);

    private static double[] LogShares(double[] scores)
    {
        var total = Evidence.LogSum(scores);
        return [.. scores.Select(score => Evidence.LogSum([score - total, -Math.Log(scores.Length)]) - Math.Log(2))];
    }
}
