using Dit.Interpretation;
using Dit.Models;
using Dit.Text;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Log-probabilities of answers to prompts under the bare base: all that are wanted are gathered first, so that a prompt is read once for all
/// of its answers, and an answer that comes again once.
/// </summary>
internal sealed class AnswerLikelihoods(BaseModel model)
{
    private readonly Dictionary<string, Dictionary<string, double>> scores = new(StringComparer.Ordinal);

    /// <summary>The log-probability of one that was wanted before <see cref="Compute"/>.</summary>
    public double this[string prompt, string answer] => scores[prompt][answer];

    /// <summary>Notes that one is wanted.</summary>
    public void Want(string prompt, string answer)
    {
        if (!scores.TryGetValue(prompt, out var answers))
        {
            scores[prompt] = answers = new Dictionary<string, double>(StringComparer.Ordinal);
        }

        answers.TryAdd(answer, double.NaN);
    }

    /// <summary>Computes all that are wanted.</summary>
    /// <exception cref="DitException">A prompt is too long with an answer.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Compute(CancellationToken cancellation)
    {
        string[] prompts = [.. scores.Keys];
        string[][] answers = [.. prompts.Select(prompt => scores[prompt].Keys.ToArray())];
        var found = AnswerScores.Of(
            model, null, [.. prompts.Select(_ => -1)], null, [.. prompts.Select(prompt => (IReadOnlyList<Message>)[new Message("user", prompt)])], answers, cancellation);
        for (var i = 0; i < prompts.Length; i++)
        {
            for (var j = 0; j < answers[i].Length; j++)
            {
                scores[prompts[i]][answers[i][j]] = found[i][j];
            }
        }
    }
}
