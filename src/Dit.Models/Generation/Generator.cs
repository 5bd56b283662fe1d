using Dit.Models.Decoding;
using Dit.Models.Randomness;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// Answers many prompts at once, a token for all of them with every forward pass. As many as there are slots are answered at a time; where answers
/// end, waiting prompts take their place. Knows nothing of text.
/// </summary>
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
    /// <param name="slots">How many prompts are answered at the same time at most. It changes no answer by more than rounding does.</param>
    /// <param name="cancellation">Stops before the next forward pass.</param>
    /// <exception cref="DitException">
    /// A prompt is empty, has an unknown token or is too long for the model, a setting makes no sense, the overlays do not fit, or the numbers grow
    /// beyond all bounds.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static int[][] Generate(
        Decoder model,
        IReadOnlyList<int[]> prompts,
        GenerationSettings settings,
        IReadOnlyCollection<int> endTokenIds,
        Overlays? overlays = null,
        IReadOnlyList<RandomStream>? randomness = null,
        IReadOnlyList<string>? names = null,
        int slots = int.MaxValue,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        return Generate(model, prompts, settings, endTokenIds, PromptOverlays.From(overlays ?? Overlays.None, prompts.Count, model.Device), randomness, names, slots, cancellation);
    }

    /// <summary>
    /// The same with overlays that are made for the rows of the batch. A prompt that comes several times with the same addition, such as one question
    /// of which many samples are drawn, is read once for all of its rows in a pass; under different additions nothing of it can be shared, as keys
    /// and values differ from the first layer on.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">As above.</param>
    /// <param name="settings">As above.</param>
    /// <param name="endTokenIds">As above.</param>
    /// <param name="overlays">What is added to the model for each prompt.</param>
    /// <param name="randomness">As above.</param>
    /// <param name="names">As above.</param>
    /// <param name="slots">As above.</param>
    /// <param name="cancellation">As above.</param>
    /// <exception cref="DitException">As above.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many overlays as prompts.</exception>
    public static int[][] Generate(
        Decoder model,
        IReadOnlyList<int[]> prompts,
        GenerationSettings settings,
        IReadOnlyCollection<int> endTokenIds,
        PromptOverlays overlays,
        IReadOnlyList<RandomStream>? randomness = null,
        IReadOnlyList<string>? names = null,
        int slots = int.MaxValue,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(endTokenIds);
        ArgumentNullException.ThrowIfNull(overlays);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        if (overlays.Numbers.Count != prompts.Count)
        {
            throw new ArgumentException($"There must be an overlay for each of the {prompts.Count} prompts, not {overlays.Numbers.Count}.", nameof(overlays));
        }

        settings.Check();
        Check(prompts, model.Config);
        if (prompts.Count == 0 || settings.MaxNewTokens == 0)
        {
            return [.. prompts.Select(_ => Array.Empty<int>())];
        }

        randomness ??= [.. Enumerable.Range(0, prompts.Count).Select(row => RandomStream.Named(settings.Seed, $"generation/{row}"))];
        using var frozen = no_grad();
        var ends = endTokenIds.ToHashSet();
        int[] room = [.. prompts.Select(prompt => Math.Min(settings.MaxNewTokens, model.Config.MaxPositions - prompt.Length))];
        // The last token of an answer is never looked at again, so it needs no room.
        var capacity = prompts.Zip(room, (prompt, more) => prompt.Length + (more - 1L)).Max();
        using var batch = new GenerationBatch(model, prompts, overlays, settings.Contrast, slots, (int)Math.Min(int.MaxValue, capacity));
        var answers = prompts.Select(_ => new List<int>()).ToArray();
        while (true)
        {
            using var scope = NewDisposeScope();
            var added = batch.Regroup();
            if (batch.Rows.Length == 0)
            {
                return [.. answers.Select(answer => answer.ToArray())];
            }

            if (added.Length > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                Take(batch.Prefill(added), added);
            }

            while (!batch.IsSparse)
            {
                cancellation.ThrowIfCancellationRequested();
                Take(batch.Step([.. batch.Rows.Select((row, slot) => batch.IsOver(slot) ? 0 : answers[row][^1])]), batch.Slots);
            }
        }

        // Lets the answers in some slots go on by the scores [n,V] of what follows, or end.
        void Take(Tensor logits, int[] slots)
        {
            var (next, isFinite) = NextTokens.Of(
                logits, [.. slots.Select(slot => batch.IsOver(slot) ? (TokenChoice?)null : new TokenChoice(settings.Temperature, settings.TopP, randomness[batch.Rows[slot]]))]);
            logits.Dispose();
            for (var i = 0; i < slots.Length; i++)
            {
                if (batch.IsOver(slots[i]))
                {
                    continue;
                }

                var row = batch.Rows[slots[i]];
                if (!isFinite[i] && !settings.EndsWhereNotFinite)
                {
                    throw new DitException($"{names?[row] ?? $"prompt {row}"}: expected finite scores, found others: the numbers grow beyond what {model.Type.Name()} can hold, or were never finite");
                }

                if (isFinite[i] && !ends.Contains(next[i]))
                {
                    answers[row].Add(next[i]);
                }

                if (!isFinite[i] || ends.Contains(next[i]) || answers[row].Count == room[row])
                {
                    batch.End(slots[i]);
                }
            }
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
        RequireRoom(ids, $"prompt {number}", config);
    }

    /// <summary>Makes sure that a prompt is one that a model can answer.</summary>
    /// <exception cref="DitException">It is empty, has an unknown token, or is too long.</exception>
    internal static void CheckPrompt(int[] ids, string name, ModelConfig config)
    {
        if (ids.Length == 0)
        {
            throw new DitException($"{name}: expected at least one token, found none.");
        }

        if (Array.Find(ids, id => id < 0 || id >= config.VocabularySize) is var unknown && (unknown < 0 || unknown >= config.VocabularySize))
        {
            throw new DitException($"{name}: expected token ids below {config.VocabularySize}, found {unknown}.");
        }

        RequireRoom(ids, name, config);
    }

    private static void RequireRoom(int[] ids, string name, ModelConfig config)
    {
        if (ids.Length >= config.MaxPositions)
        {
            throw new DitException(
                $"{name}: expected at most {config.MaxPositions - 1} tokens, as the model's {config.MaxPositions} positions also hold the answer, found {ids.Length}");
        }
    }

    private static void Check(IReadOnlyList<int[]> prompts, ModelConfig config)
    {
        for (var row = 0; row < prompts.Count; row++)
        {
            CheckPrompt(prompts[row], $"prompt {row}", config);
        }
    }
}
