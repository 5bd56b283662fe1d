using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// The losses of the method, and their gradients, which are added to where the pairs say. Only the positions that count go through the output head, a
/// piece of them at a time, so that the scores of all of them are never in memory at once.
/// </summary>
public static class Losses
{
    // 4 MiB of scores in 32 bits, of which several tables are alive at once; but for few positions reading the head would take longer than multiplying.
    private const long MostScores = 1 << 20, FewestPositions = 48;

    /// <summary>Cross-entropy of every counted token, predicted at the position before it: the mean over all of the batch.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="batch">Tokens and labels.</param>
    /// <param name="terms">What is added to the base, by site.</param>
    /// <param name="factor">By what the gradient is multiplied.</param>
    /// <param name="memory">Where activations are kept.</param>
    /// <returns>The loss; the factor is not in it.</returns>
    /// <exception cref="DitException">A row is longer than the model's positions, or a pair does not fit.</exception>
    public static double CrossEntropy(Decoder model, TokenBatch batch, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, double factor = 1, TrainingMemory? memory = null)
    {
        batch = batch.Rounded(model.Config.MaxPositions);
        var targets = batch.Predicted().ToArray();
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var answers = new AnswerPositions(batch, [.. targets.Select(i => i - 1)]);
        var labels = tensor(targets.Select(i => batch.Labels[i]).ToArray(), [targets.Length, 1], device: model.Device);
        return Through(model, answers, terms, factor, memory, (logits, from, count) =>
        {
            var label = labels.narrow(0, from, count);
            var logProbabilities = LogProbabilities(logits);
            var loss = -Number(logProbabilities.gather(1, label).sum());
            // The shares, less one where the label is.
            return (loss, () => logProbabilities.exp_().scatter_add_(1, label, Arithmetic.Full([count, 1], -1, model.Type, model.Device)));
        });
    }

    /// <summary>
    /// How far the model with its pairs has moved from the bare base: KL(base ‖ model) summed over the vocabulary, averaged over positions.
    /// </summary>
    /// <param name="teacher">The base, with nothing added.</param>
    /// <param name="batch">Tokens and labels.</param>
    /// <param name="terms">What is added for the student, by site.</param>
    /// <param name="shifted">
    /// Whether the distributions that predict the counted tokens are compared. The reference compares those at the counted tokens
    /// themselves, which leaves the prediction of the first one free.
    /// </param>
    /// <param name="repeats">Whether later batches may have the same rows, so that the teacher keeps what it finds.</param>
    /// <param name="factor">By what the gradient is multiplied.</param>
    /// <param name="memory">Where activations are kept.</param>
    /// <returns>The loss; the factor is not in it.</returns>
    /// <exception cref="DitException">A row is longer than the model's positions, or a pair does not fit.</exception>
    public static double DivergenceFromBase(
        Teacher teacher, TokenBatch batch, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, bool shifted, bool repeats = false, double factor = 1, TrainingMemory? memory = null)
    {
        batch = batch.Rounded(teacher.Model.Config.MaxPositions);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var answers = new AnswerPositions(batch, [.. shifted ? batch.Predicted().Select(i => i - 1) : batch.Counted()]);
        var expected = teacher.Answer(answers, repeats);
        return Through(teacher.Model, answers, terms, factor, memory, (logits, from, count) =>
        {
            var student = LogProbabilities(logits);
            var logProbabilities = expected.LogProbabilities(from, count);
            var shares = logProbabilities.exp();
            var loss = Number(logProbabilities.Plus_(student, -1).mul_(shares).sum());
            return (loss, () => student.exp_().Plus_(shares, -1));
        });
    }

    /// <summary>How many positions go through the output head at a time.</summary>
    internal static long PositionsAtOnce(ModelConfig config) => Math.Max(FewestPositions, MostScores / config.VocabularySize);

    /// <summary>One piece of the positions after another: the sum of its losses from its scores [count,V], and, if it is asked for, the gradient of the scores.</summary>
    private delegate (double Loss, Func<Tensor> Gradient) Piece(Tensor logits, long from, long count);

    private static double Through(Decoder model, AnswerPositions answers, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, double factor, TrainingMemory? memory, Piece piece)
    {
        var trains = terms.Values.SelectMany(here => here).Any(term => term.GradientA is not null || term.GradientB is not null);
        using var pass = answers.Forward(model, terms, memory);
        var hidden = answers.Of(pass.Hidden);
        var gradient = trains ? empty_like(hidden) : null;
        var (loss, count) = (0.0, answers.Count);
        for (long from = 0, size = PositionsAtOnce(model.Config); from < count; from += size)
        {
            using var scope = NewDisposeScope();
            var here = Math.Min(size, count - from);
            var (sum, ofScores) = piece(model.Logits(hidden.narrow(0, from, here)), from, here);
            loss += sum;
            gradient?.narrow(0, from, here).copy_(model.HiddenGradient(ofScores()).Times_(factor / count));
        }

        if (gradient is not null)
        {
            pass.Backward(answers.ToAll(gradient, pass.Hidden));
        }

        return loss / count;
    }

    private static Tensor LogProbabilities(Tensor logits)
    {
        using (logits)
        {
            return nn.functional.log_softmax(logits, 1);
        }
    }

    private static double Number(Tensor scalar) => scalar.to(ScalarType.Float64).item<double>();
}
