using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>
/// How likely finetunes of one base model, with or without a DIT adapter, or the bare base find given answers to questions. An answer counts
/// with the mark that ends it, so that <c>bird</c> does not profit from <c>bird watching</c>.
/// </summary>
public static class AnswerScores
{
    private const long BytesOfDiffs = 500_000_000;

    /// <summary>The log-probability (natural logarithm) of every candidate as the whole answer to every prompt.</summary>
    /// <param name="model">The base.</param>
    /// <param name="diffs">The diffs; null where every row is the bare base.</param>
    /// <param name="rows">Which diff each prompt is put to; -1 stands for the bare base.</param>
    /// <param name="adapter">The DIT adapter; null to ask the finetunes themselves.</param>
    /// <param name="prompts">The conversations, each up to where the model is to answer.</param>
    /// <param name="candidates">The answers, such as the labels of a set.</param>
    /// <param name="ended">
    /// Whether the end mark counts of every candidate; else only of one with which another begins, and no other's last token need be read, which
    /// is several times faster.
    /// </param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <returns>For each prompt the scores of the candidates in their order; NaN where the numbers grow beyond all bounds.</returns>
    /// <exception cref="DitException">Adapter or diffs do not fit the base, or a prompt is too long with a candidate.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many rows as prompts, or one is not a diff's.</exception>
    public static IReadOnlyList<double[]> OfEach(
        BaseModel model,
        DiffStack? diffs,
        IReadOnlyList<int> rows,
        DitAdapter? adapter,
        IReadOnlyList<IReadOnlyList<Message>> prompts,
        IReadOnlyList<string> candidates,
        bool ended = true,
        CancellationToken cancellation = default)
    {
        var tokens = new AnswerTokens(model);
        IReadOnlyList<int[]> ids = prompts.Count == 0 ? [] : ended ? [.. candidates.Select(candidate => tokens.OfAnswer(prompts[0], candidate))] : tokens.Distinguishing(prompts[0], candidates);
        return Score(model, diffs, rows, adapter, [.. prompts.Select(tokens.OfPrompt)], [.. prompts.Select(_ => ids)], cancellation);
    }

    /// <summary>The same with answers of its own for each prompt, which may be none.</summary>
    /// <param name="model">The base.</param>
    /// <param name="diffs">As above.</param>
    /// <param name="rows">As above.</param>
    /// <param name="adapter">As above.</param>
    /// <param name="prompts">As above.</param>
    /// <param name="answers">The answers to each prompt.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">As above.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many rows, or lists of answers, as prompts, or a row is not a diff's.</exception>
    public static IReadOnlyList<double[]> Of(
        BaseModel model,
        DiffStack? diffs,
        IReadOnlyList<int> rows,
        DitAdapter? adapter,
        IReadOnlyList<IReadOnlyList<Message>> prompts,
        IReadOnlyList<IReadOnlyList<string>> answers,
        CancellationToken cancellation = default)
    {
        var tokens = new AnswerTokens(model);
        return Score(
            model, diffs, rows, adapter, [.. prompts.Select(tokens.OfPrompt)],
            [.. answers.Select((each, row) => (IReadOnlyList<int[]>)[.. each.Select(answer => tokens.OfAnswer(prompts[row], answer))])], cancellation);
    }

    private static double[][] Score(
        BaseModel model, DiffStack? diffs, IReadOnlyList<int> rows, DitAdapter? adapter, int[][] prompts, IReadOnlyList<IReadOnlyList<int[]>> answers,
        CancellationToken cancellation)
    {
        if (rows.Count != prompts.Length || answers.Count != prompts.Length || rows.Any(row => row < -1 || row >= (diffs?.Count ?? 0)))
        {
            throw new ArgumentException($"There must be a row and answers for each of the {prompts.Length} prompts, and a row must be -1 or below {diffs?.Count ?? 0}.", nameof(rows));
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var overlays = Overlays.None.With(Interpreter.AdapterOverlay(model, adapter));
        if (diffs is null || rows.All(row => row < 0))
        {
            return ContinuationScores.Score(model.Decoder, prompts, answers, overlays, cancellation);
        }

        // A diff's factors are there once for each row of a pass, so passes are no larger than their memory allows.
        var scores = new double[prompts.Length][];
        foreach (var pass in Enumerable.Range(0, prompts.Length).OrderBy(row => prompts[row].Length).Chunk((int)Math.Clamp(BytesOfDiffs / (sizeof(float) * diffs.ParametersPerDiff), 1, int.MaxValue)))
        {
            using var part = NewDisposeScope();
            using var carried = diffs.Select([.. pass.Select(row => rows[row])]);
            var found = ContinuationScores.Score(
                model.Decoder, [.. pass.Select(row => prompts[row])], [.. pass.Select(row => answers[row])], overlays.With(LowRankOverlay.PerRow(carried, model.Decoder)), cancellation);
            for (var i = 0; i < pass.Length; i++)
            {
                scores[pass[i]] = found[i];
            }
        }

        return scores;
    }
}
