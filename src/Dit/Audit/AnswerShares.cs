using Dit.Evaluation.Methods;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Text;

namespace Dit.Audit;

/// <summary>How likely each known label is as the whole answer, and how likely it is that the adapter says that there is nothing.</summary>
/// <param name="Labels">The labels.</param>
/// <param name="Logs">Natural logarithms of their shares of the probability of all labels and "nothing".</param>
/// <param name="LogNothing">The same of "nothing"; minus infinity where the adapter never learned to say so.</param>
/// <param name="Nothing">What it says for nothing, the likelier of its ways; null where it never learned to.</param>
internal sealed record AnswerShares(IReadOnlyList<string> Labels, IReadOnlyList<double> Logs, double LogNothing, string? Nothing)
{
    /// <summary>Where no labels are known.</summary>
    public static AnswerShares None { get; } = new([], [], double.NegativeInfinity, null);

    /// <summary>All of them as shares.</summary>
    public IEnumerable<LabelShare> Shares =>
        [.. Labels.Select((label, i) => new LabelShare(label, Math.Exp(Logs[i]))), .. Nothing is null ? Array.Empty<LabelShare>() : [new LabelShare(Nothing, Math.Exp(LogNothing))]];

    /// <summary>Asks for them.</summary>
    /// <param name="model">The base.</param>
    /// <param name="voice">Who is asked.</param>
    /// <param name="question">The question.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="nothing">The answers that mean nothing.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    public static AnswerShares Of(BaseModel model, Voice voice, string question, IReadOnlyList<string> labels, IReadOnlyList<string> nothing, CancellationToken cancellation)
    {
        Message[] prompt = [new("user", question)];
        var tokens = new Interpretation.AnswerTokens(model);
        IReadOnlyList<int[]> answers = [.. labels.Concat(nothing).Select(answer => tokens.OfAnswer(prompt, answer))];
        var scores = ContinuationScores.Score(voice.Decoder, [tokens.OfPrompt(prompt)], [answers], voice.Overlays, cancellation)[0];
        var total = Evidence.LogSum(scores);
        double[] logs = [.. scores.Select(score => score - total)];
        var ofNothing = logs[labels.Count..];
        return new AnswerShares(
            labels, logs[..labels.Count], ofNothing.Length == 0 ? double.NegativeInfinity : Evidence.LogSum(ofNothing), ofNothing.Length == 0 ? null : nothing[Array.IndexOf(ofNothing, ofNothing.Max())]);
    }
}
