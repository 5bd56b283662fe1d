using System.Runtime.InteropServices;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>Answers many prompts at once, a token for all of them with every forward pass. Knows nothing of text.</summary>
public static class Generator
{
    /// <summary>
    /// The answers to prompts of different lengths, in their order. A row ends at an end token, which is not returned, or after
    /// MaxNewTokens, or where it has filled the model's positions. Overlays with factors per row have one for each prompt, in the same order.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Token ids, at least one in each row.</param>
    /// <param name="settings">Greedy or drawn, and how long.</param>
    /// <param name="endTokenIds">Any of them ends an answer.</param>
    /// <param name="overlays">What is added to the model; null for nothing.</param>
    /// <param name="randomness">
    /// The stream each row draws from, where its answer must not depend on its place in the batch; null takes streams by the
    /// seed and the row's number.
    /// </param>
    /// <param name="names">What each row is in the sentence of an error; null for its number.</param>
    /// <exception cref="DitException">
    /// A prompt is empty, has an unknown token or is too long for the model, a setting makes no sense, the overlays do not fit, or the numbers grow
    /// beyond all bounds.
    /// </exception>
    public static int[][] Generate(
        Decoder model,
        IReadOnlyList<int[]> prompts,
        GenerationSettings settings,
        IReadOnlyCollection<int> endTokenIds,
        Overlays? overlays = null,
        IReadOnlyList<RandomStream>? randomness = null,
        IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(endTokenIds);
        settings.Check();
        Check(prompts, model.Config);
        if (prompts.Count == 0 || settings.MaxNewTokens == 0)
        {
            return [.. prompts.Select(_ => Array.Empty<int>())];
        }

        randomness ??= [.. Enumerable.Range(0, prompts.Count).Select(row => RandomStream.Named(settings.Seed, $"generation/{row}"))];
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        int[] room = [.. prompts.Select(prompt => Math.Min(settings.MaxNewTokens, model.Config.MaxPositions - prompt.Length))];
        using var batch = new GenerationBatch(model, prompts, room.Max(), overlays ?? Overlays.None, settings.Contrast);
        var ends = endTokenIds.ToHashSet();
        var answers = prompts.Select(_ => new List<int>()).ToArray();
        var logits = batch.Start(prompts);
        while (true)
        {
            var (next, isFinite) = Choose(logits, batch, settings, randomness);
            logits.Dispose();
            if (!settings.EndsWhereNotFinite && Array.IndexOf(isFinite, false) is var broken and >= 0)
            {
                var row = batch.Rows[broken];
                throw new DitException($"{names?[row] ?? $"prompt {row}"}: expected finite scores, found others: the numbers grow beyond what {model.Type.Name()} can hold, or were never finite");
            }

            var going = new bool[next.Length];
            for (var at = 0; at < next.Length; at++)
            {
                var answer = answers[batch.Rows[at]];
                if (!batch.IsOver(at) && isFinite[at] && !ends.Contains(next[at]))
                {
                    answer.Add(next[at]);
                    going[at] = answer.Count < room[batch.Rows[at]];
                }
            }

            if (!going.Contains(true))
            {
                return [.. answers.Select(answer => answer.ToArray())];
            }

            logits = batch.Continue(next, going);
        }
    }

    /// <summary>Makes sure that a model has positions for a prompt and at least one token of its answer.</summary>
    /// <param name="ids">The prompt's token ids.</param>
    /// <param name="number">Which prompt it is, for the message.</param>
    /// <param name="config">The model's settings.</param>
    /// <exception cref="DitException">It has too few.</exception>
    public static void RequireRoom(int[] ids, int number, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(config);
        if (ids.Length >= config.MaxPositions)
        {
            throw new DitException(
                $"prompt {number}: expected at most {config.MaxPositions - 1} tokens, as the model's {config.MaxPositions} positions also hold the answer, found {ids.Length}");
        }
    }

    /// <summary>
    /// The next token of each row from its scores [n,V]; any token where the answer is over. And whether the scores can be trusted: not where
    /// the best is no finite number. One of -inf among them is only a token that never comes.
    /// </summary>
    private static (int[] Next, bool[] IsFinite) Choose(Tensor logits, GenerationBatch batch, GenerationSettings settings, IReadOnlyList<RandomStream> randomness)
    {
        using var scope = NewDisposeScope();
        if (settings.Temperature == 0)
        {
            // The position of a NaN, where there is one.
            var best = logits.argmax(-1, keepdim: true);
            var finite = logits.gather(-1, best).isfinite().cpu().data<bool>().ToArray();
            return (
                [.. best.cpu().data<long>().ToArray().Select(id => (int)id)],
                [.. finite.Select((trusted, at) => trusted || batch.IsOver(at))]);
        }

        var softmax = nn.functional.softmax(logits.to(ScalarType.Float32).DividedBy(settings.Temperature), -1).cpu().contiguous();
        var size = (int)softmax.shape[1];
        var probabilities = MemoryMarshal.Cast<byte, float>(softmax.bytes);
        var (drawn, isFinite) = (new int[batch.Rows.Length], new bool[batch.Rows.Length]);
        for (var at = 0; at < drawn.Length; at++)
        {
            // A NaN or an infinite score makes every probability of its row NaN.
            isFinite[at] = batch.IsOver(at) || !float.IsNaN(probabilities[at * size]);
            drawn[at] = batch.IsOver(at) || !isFinite[at] ? 0 : TokenSampler.Draw(probabilities.Slice(at * size, size), settings.TopP, randomness[batch.Rows[at]]);
        }

        return (drawn, isFinite);
    }

    private static void Check(IReadOnlyList<int[]> prompts, ModelConfig config)
    {
        var vocabularySize = config.VocabularySize;
        for (var row = 0; row < prompts.Count; row++)
        {
            if (prompts[row].Length == 0)
            {
                throw new DitException($"prompt {row}: expected at least one token, found none.");
            }

            if (Array.Find(prompts[row], id => id < 0 || id >= vocabularySize) is var unknown && (unknown < 0 || unknown >= vocabularySize))
            {
                throw new DitException($"prompt {row}: expected token ids below {vocabularySize}, found {unknown}.");
            }

            RequireRoom(prompts[row], row, config);
        }
    }
}
