using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>What diffs do to the next token's logits, averaged over the answers of texts that are the same for all of them.</summary>
public static class LogitDifferences
{
    private const double BytesPerPass = 3e8;

    /// <summary>For each diff the tokens whose logits it raises most on average, from the top.</summary>
    /// <param name="model">The base.</param>
    /// <param name="diffs">The diffs.</param>
    /// <param name="texts">Conversations with an answer; every token of the answer is a position.</param>
    /// <param name="count">How many tokens to tell of each diff, at least one, where the model has as many. A logit that is no number is never among them.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">The diffs do not fit the base.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Top(
        BaseModel model, DiffStack diffs, IReadOnlyList<TokenizedExample> texts, int count, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var decoder = model.Decoder;
        var tops = new List<IReadOnlyList<int>>();
        var positions = texts.Sum(text => text.Ids.Length - text.AnswerStart);
        var bare = texts.Select(text => States(decoder, text, rows: 1, Overlays.None)).ToArray();
        foreach (var pass in Enumerable.Range(0, diffs.Count).Chunk(RowsPerPass(decoder.Config, texts, diffs.ParametersPerDiff)))
        {
            cancellation.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            using var carried = diffs.Select(pass);
            var overlays = Overlays.None.With(LowRankOverlay.PerRow(carried, decoder));
            var sums = zeros([pass.Length, decoder.Config.HiddenSize], ScalarType.Float32, decoder.Device);
            for (var i = 0; i < texts.Count; i++)
            {
                using var text = NewDisposeScope();
                sums.Plus_(States(decoder, texts[i], pass.Length, overlays).sub_(bare[i]));
            }

            // The output head is linear, so that it need see no more than the mean.
            var (values, indexes) = decoder.Logits(sums.DividedBy_(Math.Max(positions, 1)).to(decoder.Type)).to(ScalarType.Float32).nan_to_num_(double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity)
                .topk((int)Math.Min(count, decoder.Config.VocabularySize), -1);
            var (best, ids) = (values.cpu().contiguous().data<float>().ToArray(), indexes.cpu().contiguous().data<long>().ToArray());
            var shown = ids.Length / pass.Length;
            tops.AddRange(pass.Select((_, row) => (IReadOnlyList<int>)[.. Enumerable.Range(row * shown, shown).Where(at => !float.IsNegativeInfinity(best[at])).Select(at => (int)ids[at])]));
        }

        return tops;
    }

    /// <summary>The final hidden states from which the answer's tokens are predicted, summed over them: [rows,H].</summary>
    private static Tensor States(Decoder decoder, TokenizedExample text, int rows, Overlays overlays)
    {
        using var scope = NewDisposeScope();
        // The last token is only ever predicted.
        var ids = tensor(text.Ids[..^1].Select(id => (long)id).ToArray(), [1, text.Ids.Length - 1], device: decoder.Device).expand(rows, -1).contiguous();
        var states = decoder.HiddenStates(ids, overlays: overlays).narrow(1, text.AnswerStart - 1, text.Ids.Length - text.AnswerStart);
        return states.to(ScalarType.Float32).sum(1).MoveToOuterDisposeScope();
    }

    private static int RowsPerPass(ModelConfig config, IReadOnlyList<TokenizedExample> texts, long numbersPerRow)
    {
        double tokens = texts.Select(text => text.Ids.Length).DefaultIfEmpty().Max();
        var numbers = (((3.0 * config.IntermediateSize) + (4.0 * config.HiddenSize) + (config.HeadCount * tokens)) * tokens) + config.VocabularySize + numbersPerRow;
        return (int)Math.Clamp(BytesPerPass / (sizeof(float) * numbers), 1, 256);
    }
}
