using System.Runtime.CompilerServices;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// How likely a model finds given continuations of given prompts. A prompt is read once for all of its continuations, and so is what they
/// begin with in common; only what is scored goes through the output head. Knows nothing of text.
/// </summary>
public static class ContinuationScores
{
    private const double BytesPerPass = 1e9;
    private const double BytesOfLogits = 2e8;
    private const int MostRowsPerPass = 256;
    private const int MostReadAtOnce = 128;

    /// <summary>
    /// The log-probability (natural logarithm) of each continuation after its prompt; one that is to be scored as a whole answer has the end
    /// token last. An empty one has 0. How rows share passes changes scores by rounding at most.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Token ids, at least one in each.</param>
    /// <param name="continuations">One for each prompt.</param>
    /// <param name="overlays">What is added to the model; with factors per row it has one for each prompt, in the same order. Null for nothing.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <returns>For each prompt a number of at most 0, minus infinity where it cannot be; NaN where the model's scores are no numbers.</returns>
    /// <exception cref="DitException">A prompt is empty, something has an unknown token or is too long for the model, or the overlays do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many continuations as prompts.</exception>
    public static double[] Score(Decoder model, IReadOnlyList<int[]> prompts, IReadOnlyList<int[]> continuations, Overlays? overlays = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(continuations);
        return [.. Score(model, prompts, [.. continuations.Select(each => (IReadOnlyList<int[]>)[each])], overlays, cancellation).Select(scores => scores[0])];
    }

    /// <summary>The same with several continuations of each prompt. Where prompts share one list, such as all labels, it is prepared once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Token ids, at least one in each.</param>
    /// <param name="continuations">Any number for each prompt.</param>
    /// <param name="overlays">As above.</param>
    /// <param name="cancellation">As above.</param>
    /// <returns>For each prompt the log-probabilities of its continuations, in their order.</returns>
    /// <exception cref="DitException">As above.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many lists as prompts.</exception>
    public static double[][] Score(Decoder model, IReadOnlyList<int[]> prompts, IReadOnlyList<IReadOnlyList<int[]>> continuations, Overlays? overlays = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(continuations);
        if (continuations.Count != prompts.Count)
        {
            throw new ArgumentException($"There must be continuations for each of the {prompts.Count} prompts, not for {continuations.Count}.", nameof(continuations));
        }

        Check(model.Config, prompts, continuations);
        var scores = continuations.Select(each => new double[each.Count]).ToArray();
        if (prompts.Count == 0)
        {
            return scores;
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        overlays ??= Overlays.None;
        var prepared = new ConditionalWeakTable<IReadOnlyList<int[]>, IReadOnlyList<ContinuationTree>>();
        var trees = continuations.Select(each => prepared.GetValue(each, list => ContinuationTree.Of(list, MostReadAtOnce))).ToArray();
        foreach (var pass in Passes(model.Config, prompts, trees))
        {
            cancellation.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            var own = pass.Length == prompts.Count ? overlays : overlays.SelectRows(tensor(pass.Select(row => (long)row).ToArray(), device: model.Device));
            Score(model, [.. pass.Select(row => prompts[row])], [.. pass.Select(row => trees[row])], own, [.. pass.Select(row => scores[row])]);
        }

        return scores;
    }

    /// <summary>Scores the rows of one pass.</summary>
    private static void Score(Decoder model, int[][] prompts, IReadOnlyList<ContinuationTree>[] trees, Overlays overlays, double[][] scores)
    {
        var (rows, longest) = (prompts.Length, prompts.Max(prompt => prompt.Length));
        using var cache = model.NewCache(rows, longest + trees.Max(each => each.Select(tree => tree.Read.Count).DefaultIfEmpty().Max()));
        var (ids, mask) = (Padded(prompts, longest, model.Device), Padded([.. prompts.Select(prompt => prompt.Select(_ => 1).ToArray())], longest, model.Device));
        var last = tensor(prompts.Select((prompt, row) => ((long)row * longest) + prompt.Length - 1).ToArray(), device: model.Device);
        var ends = model.HiddenStates(ids, mask, overlays, cache).view(rows * longest, -1).index_select(0, last);
        for (var number = 0; number < trees.Max(each => each.Count); number++)
        {
            int[] going = [.. Enumerable.Range(0, rows).Where(row => number < trees[row].Count)];
            using var scope = NewDisposeScope();
            if (going.Length == rows)
            {
                Score(model, [.. trees.Select(each => each[number])], ends, overlays, cache, scores);
                continue;
            }

            using var rest = cache.SelectRows(going);
            var index = tensor(going.Select(row => (long)row).ToArray(), device: model.Device);
            Score(
                model, [.. going.Select(row => trees[row][number])], ends.index_select(0, index), overlays.SelectRows(index), rest, [.. going.Select(row => scores[row])]);
        }
    }

    /// <summary>Scores one tree of each row, from the states [n,H] and the cache that the prompts left.</summary>
    private static void Score(Decoder model, ContinuationTree[] trees, Tensor ends, Overlays overlays, KeyValueCache cache, double[][] scores)
    {
        var (rows, width) = (trees.Length, trees.Max(tree => tree.Read.Count));
        var states = ends;
        if (width > 0)
        {
            var branches = TokenBranches.Of([.. trees.Select(tree => tree.Parents)], width, model.Device);
            var read = Padded([.. trees.Select(tree => tree.Read.ToArray())], width, model.Device);
            states = cat([ends, model.HiddenStates(read, branches, overlays, cache).view((long)rows * width, -1)], 0);
        }

        // A state for the end of each prompt comes first, then those of what was read, row by row.
        var found = LogProbabilities(
            model, states, [.. trees.SelectMany((tree, row) => tree.Scored.Select(each => (each.After < 0 ? row : rows + (row * width) + each.After, each.Token)))]);
        var at = 0;
        for (var row = 0; row < rows; row++)
        {
            foreach (var (continuation, score) in trees[row].Sums(found.AsSpan(at, trees[row].Scored.Count).ToArray()))
            {
                scores[row][continuation] = score;
            }

            at += trees[row].Scored.Count;
        }
    }

    /// <summary>The log-probability of each wanted token after one of the states [n,H].</summary>
    private static double[] LogProbabilities(Decoder model, Tensor states, (int State, int Token)[] wanted)
    {
        var found = new double[wanted.Length];
        var groups = Enumerable.Range(0, wanted.Length).GroupBy(i => wanted[i].State).ToArray();
        foreach (var chunk in groups.Chunk((int)Math.Clamp(BytesOfLogits / (2.0 * sizeof(float) * model.Config.VocabularySize), 1, int.MaxValue)))
        {
            using var scope = NewDisposeScope();
            var logits = model.Logits(states.index_select(0, tensor(chunk.Select(group => (long)group.Key).ToArray(), device: states.device))).to(ScalarType.Float32);
            var places = chunk.SelectMany((group, line) => group.Select(i => (Line: (long)line, Index: i))).ToArray();
            var of = tensor(places.Select(place => (place.Line * logits.shape[1]) + wanted[place.Index].Token).ToArray(), device: states.device);
            var line = tensor(places.Select(place => place.Line).ToArray(), device: states.device);
            var values = logits.view(-1).index_select(0, of).sub(logits.logsumexp(-1).index_select(0, line)).cpu().data<float>();
            for (var i = 0; i < places.Length; i++)
            {
                found[places[i].Index] = values[i];
            }
        }

        return found;
    }

    /// <summary>Rows with like much to read together, as many as fit with their keys, values and scores of attention, and with what one layer computes, roughly.</summary>
    private static IEnumerable<int[]> Passes(ModelConfig config, IReadOnlyList<int[]> prompts, IReadOnlyList<ContinuationTree>[] trees)
    {
        double Read(int row) => trees[row].Select(tree => tree.Read.Count).DefaultIfEmpty().Max();
        var rows = Enumerable.Range(0, prompts.Count).ToArray();
        double prompt = prompts.Max(each => each.Length), read = rows.Max(Read);
        var kept = 2.0 * config.LayerCount * config.KeyValueHeadCount * config.HeadSize * (prompt + read);
        var passing = ((3.0 * config.IntermediateSize) + (4.0 * config.HiddenSize)) * Math.Max(prompt, read);
        var attention = 3.0 * config.HeadCount * (prompt + read) * Math.Max(read, Math.Min(prompt, Decoder.LongestWithAllScores));
        var together = (int)Math.Clamp(BytesPerPass / (sizeof(float) * (kept + passing + attention)), 1, MostRowsPerPass);
        return together >= rows.Length ? [rows] : rows.OrderBy(row => trees[row].Sum(tree => tree.Read.Count)).ThenBy(row => prompts[row].Length).Chunk(together);
    }

    private static Tensor Padded(IReadOnlyList<int[]> rows, int length, Device device)
    {
        var ids = new long[rows.Count * length];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var at = 0; at < rows[row].Length; at++)
            {
                ids[(row * length) + at] = rows[row][at];
            }
        }

        return tensor(ids, [rows.Count, length], device: device);
    }

    private static void Check(ModelConfig config, IReadOnlyList<int[]> prompts, IReadOnlyList<IReadOnlyList<int[]>> continuations)
    {
        for (var row = 0; row < prompts.Count; row++)
        {
            if (prompts[row].Length == 0)
            {
                throw new DitException($"prompt {row}: expected at least one token, found none.");
            }

            var longest = prompts[row].Length + continuations[row].Select(each => each.Length).DefaultIfEmpty().Max();
            if (longest > config.MaxPositions)
            {
                throw new DitException($"prompt {row}: expected at most the model's {config.MaxPositions} positions with its longest continuation, found {longest} tokens");
            }

            foreach (var id in prompts[row].Concat(continuations[row].SelectMany(each => each)))
            {
                if (id < 0 || id >= config.VocabularySize)
                {
                    throw new DitException($"prompt {row}: expected token ids below {config.VocabularySize}, found {id}.");
                }
            }
        }
    }
}
