using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>The losses of the method. Only the positions that count go through the output head.</summary>
public static class Losses
{
    /// <summary>
    /// Cross-entropy of every counted token, predicted at the position before it: the mean over all of the batch.
    /// </summary>
    /// <param name="model">The base model.</param>
    /// <param name="batch">Tokens and labels.</param>
    /// <param name="overlays">What is added to the base.</param>
    /// <returns>A scalar that gradients flow from.</returns>
    public static Tensor CrossEntropy(Decoder model, TokenBatch batch, Overlays overlays)
    {
        var targets = batch.Predicted().ToArray();
        var logits = model.Logits(HiddenAt(model, batch, overlays, [.. targets.Select(i => (long)i - 1)]));
        return nn.functional.cross_entropy(logits, tensor(targets.Select(i => batch.Labels[i]).ToArray(), device: model.Device));
    }

    /// <summary>
    /// How far the model with its overlays has moved from the bare base: KL(base ‖ model) summed over the vocabulary, averaged over positions.
    /// </summary>
    /// <param name="model">The base model, which is the teacher where nothing is added.</param>
    /// <param name="batch">Tokens and labels.</param>
    /// <param name="overlays">What is added for the student.</param>
    /// <param name="shifted">
    /// Whether the distributions that predict the counted tokens are compared. The reference compares those at the counted tokens
    /// themselves, which leaves the prediction of the first one free.
    /// </param>
    /// <returns>A scalar that gradients flow from.</returns>
    public static Tensor DivergenceFromBase(Decoder model, TokenBatch batch, Overlays overlays, bool shifted)
    {
        var positions = batch.Counted().Where(i => !shifted || i % batch.Length != 0).Select(i => (long)(shifted ? i - 1 : i)).ToArray();
        var teacher = TeacherLogProbabilities(model, batch, positions);
        var student = nn.functional.log_softmax(model.Logits(HiddenAt(model, batch, overlays, positions)), 1);
        return (teacher.exp() * (teacher - student)).sum().DividedBy(positions.Length);
    }

    /// <summary>The bare base's log-probabilities; rows with the same tokens are computed once.</summary>
    private static Tensor TeacherLogProbabilities(Decoder model, TokenBatch batch, long[] positions)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var distinct = new Dictionary<string, int>(StringComparer.Ordinal);
        var distinctRows = new List<int>();
        var rowToDistinct = new int[batch.Rows];
        for (var row = 0; row < batch.Rows; row++)
        {
            var key = string.Join(',', batch.Ids.AsSpan(row * batch.Length, batch.Length).ToArray());
            if (!distinct.TryGetValue(key, out rowToDistinct[row]))
            {
                rowToDistinct[row] = distinct[key] = distinctRows.Count;
                distinctRows.Add(row);
            }
        }

        var ids = distinctRows.SelectMany(row => batch.Ids[(row * batch.Length)..((row + 1) * batch.Length)]).ToArray();
        var needed = positions.Select(p => ((long)rowToDistinct[p / batch.Length] * batch.Length) + (p % batch.Length)).ToArray();
        var once = needed.Distinct().ToArray();
        var place = once.Select((position, i) => (position, i)).ToDictionary(pair => pair.position, pair => (long)pair.i);
        var distinctBatch = new TokenBatch(ids, ids, distinctRows.Count, batch.Length);
        var logits = model.Logits(HiddenAt(model, distinctBatch, Overlays.None, once));
        return nn.functional.log_softmax(logits, 1).index_select(0, tensor(needed.Select(p => place[p]).ToArray(), device: model.Device)).MoveToOuterDisposeScope();
    }

    private static Tensor HiddenAt(Decoder model, TokenBatch batch, Overlays overlays, long[] positions)
    {
        if (batch.Length > model.Config.MaxPositions)
        {
            throw new DitException($"training: expected examples of at most the model's {model.Config.MaxPositions} positions, found one of {batch.Length} tokens");
        }

        return model.HiddenStates(tensor(batch.Ids, [batch.Rows, batch.Length], device: model.Device), AttentionMask(batch, model.Device), overlays)
            .reshape(-1, model.Config.HiddenSize).index_select(0, tensor(positions, device: model.Device));
    }

    /// <summary>[rows, length], 1 where there is a token; null where padding is of no concern.</summary>
    private static Tensor? AttentionMask(TokenBatch batch, Device device) => batch.TokenCounts is { } counts
        ? Arithmetic.Range(batch.Length, device: device).lt(tensor(counts.Select(count => (long)count).ToArray(), device: device).unsqueeze(1)).to(ScalarType.Int64)
        : null;
}
