using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>A part of the memory that some work needs.</summary>
/// <param name="Name">What it is for, in a word or two.</param>
/// <param name="Bytes">How much.</param>
public sealed record MemoryTerm(string Name, long Bytes);

/// <summary>
/// How much memory asking and training take at their peak on a CPU, counted from the tensors that are alive then. The letters: H hidden size, Q and K
/// the widths of all query and of all key heads, I the feed-forward width, V the vocabulary, L layers, h query heads; N rows, T tokens a row, P
/// positions that count over all rows, r rank; e bytes a number. What the allocator loses between tensors is in <see cref="Slack"/>.
/// </summary>
/// <param name="Terms">The parts, in a fixed order.</param>
public sealed record MemoryEstimate(IReadOnlyList<MemoryTerm> Terms)
{
    /// <summary>.NET, libtorch, the tokenizer and what they keep for themselves, measured with the tiny base.</summary>
    public const long Program = 200L << 20;

    /// <summary>Memory taken for tensors that come and go is so much larger than the tensors: freed pieces are kept, lie between what stays, and do not always fit again.</summary>
    public const double Slack = 1.3;

    /// <summary>Training computes in 32 bits.</summary>
    private const int Single = 4;

    /// <summary>All parts together.</summary>
    public long Total => Terms.Sum(term => term.Bytes);

    /// <summary>
    /// Answering: all weights; keys and values of every token, 2·L·K·e; the prompts' way through one layer, whose intermediate results all live until
    /// the layer ends; and the scores of the vocabulary at one position a row.
    /// </summary>
    /// <param name="config">The base.</param>
    /// <param name="type">What it computes in.</param>
    /// <param name="rows">Answers at once.</param>
    /// <param name="promptTokens">Longest prompt.</param>
    /// <param name="answerTokens">Longest answer.</param>
    public static MemoryEstimate OfAsking(ModelConfig config, ScalarType type, int rows, int promptTokens, int answerTokens)
    {
        var e = type.ElementSize();
        var cache = 2L * config.LayerCount * KeyWidth(config) * e * rows * (promptTokens + answerTokens);
        return new MemoryEstimate(
        [
            new("program", Program),
            new("weights", Weights(config, e)),
            new("keys and values", cache),
            new("activations", Loose(LayerPass(config, promptTokens, e) * rows * promptTokens)),
            new("scores", Loose(2L * rows * config.VocabularySize * e)),
        ]);
    }

    /// <summary>
    /// Training N diffs at once, a row each: the weights as they are kept; of every layer what the way back needs (see <see cref="Kept"/>), and one layer's
    /// way back itself; where a diff is held to the base, four tables of scores (its log-probabilities, and the base's scores, log-probabilities and
    /// their exponential); and what the teacher keeps in a training as long as the paper's. Each trained number has a gradient, Adam's two means and
    /// its next move beside it.
    /// </summary>
    /// <param name="config">The base.</param>
    /// <param name="diffs">N.</param>
    /// <param name="tokens">T.</param>
    /// <param name="rank">r.</param>
    /// <param name="countedTokens">Positions of a row that count, P / N.</param>
    /// <param name="kept">How the base's matrices are kept.</param>
    /// <param name="recomputes">Whether of each layer only its input is kept and the rest computed a second time.</param>
    public static MemoryEstimate OfDiffTraining(
        ModelConfig config, int diffs, int tokens, int rank, int countedTokens, KeptWeights kept = KeptWeights.AsComputed, bool recomputes = false)
    {
        var factors = 4L * diffs * rank * FactorWidth(config);
        var training = OfTraining(config, kept, diffs, tokens, rank, tables: 4, countedTokens, factors, recomputes);
        var recipe = new DiffRecipe();
        var answers = (long)recipe.Steps * recipe.ExamplesPerStep * diffs * countedTokens * config.HiddenSize * Single;
        return training with { Terms = [.. training.Terms, new("teacher", Math.Min(answers, Teacher.MostKeptBytes))] };
    }

    /// <summary>
    /// A step of the adapter's training with N questions, each on a diff of its own: as above, with a cross-entropy's two tables (scores and
    /// log-probabilities), no teacher, one trained adapter and N diffs that are only read, for this step
    /// and the ones that are made ready meanwhile.
    /// </summary>
    /// <param name="config">The base.</param>
    /// <param name="rows">N.</param>
    /// <param name="tokens">T.</param>
    /// <param name="rank">r of the adapter.</param>
    /// <param name="diffRank">Rank of the diffs.</param>
    /// <param name="countedTokens">Positions of a row that count, P / N.</param>
    /// <param name="kept">How the base's matrices are kept.</param>
    /// <param name="recomputes">Whether of each layer only its input is kept and the rest computed a second time.</param>
    public static MemoryEstimate OfAdapterTraining(
        ModelConfig config, int rows, int tokens, int rank, int diffRank, int countedTokens, KeptWeights kept = KeptWeights.AsComputed, bool recomputes = false)
    {
        var factors = ((4L * rank) + ((1L + AdapterSteps.MostAhead) * rows * diffRank)) * FactorWidth(config);
        return OfTraining(config, kept, rows, tokens, rank + diffRank, tables: 2, countedTokens, factors, recomputes);
    }

    private static MemoryEstimate OfTraining(
        ModelConfig config, KeptWeights kept, int rows, int tokens, int ranks, int tables, int countedTokens, long factors, bool recomputes)
    {
        var (positions, hidden) = ((long)rows * tokens, (long)Single * config.HiddenSize);
        var layers = recomputes ? (config.LayerCount * hidden) + LayerPass(config, tokens, Single) : config.LayerCount * Kept(config, tokens, ranks);
        // With final hidden states before and behind the norm, and their gradient. What is freed of the one is seldom of a size for the other, so all of it counts.
        var activations = layers + WayBack(config, tokens) + (3 * hidden);
        var scores = Math.Min((long)rows * countedTokens, Losses.PositionsAtOnce(config)) * config.VocabularySize * tables * Single;
        return new(
        [
            new("program", Program),
            new("weights", KeptTensors.Bytes(config, kept)),
            new("factors", factors * Single),
            new("activations", Loose(activations * positions)),
            new("scores", Loose(scores)),
        ]);
    }

    /// <summary>
    /// Bytes a token that one layer keeps for the way back: its input and what goes into its feed-forward part, 2H, with norms behind both also what
    /// goes into these, 2H more; both inputs of the gate, 2I; of queries and keys what a norm takes, Q + K; queries, keys and values as they are
    /// multiplied, Q + 2K; what goes into o_proj, Q; the shares, hT; and what the seven layers' pairs reduce their inputs to, 7r. Beyond 128 tokens no
    /// shares are kept, but keys and values repeated for every head, 2Q.
    /// </summary>
    internal static long Kept(ModelConfig config, int tokens, int ranks)
    {
        var (q, k) = (QueryWidth(config), KeyWidth(config));
        var normed = config.QueryKeyNorm == QueryKeyNorm.None ? 0 : q + k;
        var mixing = AllScores(tokens) ? (long)config.HeadCount * tokens : config.HeadCount == config.KeyValueHeadCount ? 0 : 2 * q;
        var norms = config.NormPlacement == NormPlacement.Before ? 2L : 4L;
        return Single * ((norms * config.HiddenSize) + (2L * config.IntermediateSize) + normed + (2 * q) + (2 * k) + mixing + (7L * ranks));
    }

    /// <summary>
    /// Bytes a token that one layer's way back holds at its end, when its intermediate results are all still alive: of the feed-forward part the activated gate, the
    /// product, its gradient and those of both inputs, 6I with what libtorch needs for them; of norms and residuals, 7H; of queries 8Q and of keys and
    /// values 7K; and the gradient of the scores, hT, or of what is repeated for every head, 4Q.
    /// </summary>
    internal static long WayBack(ModelConfig config, int tokens)
    {
        var mixing = AllScores(tokens) ? (long)config.HeadCount * tokens : 4 * QueryWidth(config);
        return Single * ((6L * config.IntermediateSize) + (7L * config.HiddenSize) + (8 * QueryWidth(config)) + (7 * KeyWidth(config)) + mixing);
    }

    /// <summary>
    /// Bytes a token that one layer's forward pass holds at its end: a norm makes two results, in 16 bits six times as many bytes as its input; queries are
    /// projected, normed, turned (3), grouped (2) and mixed (2), keys and values the same without the last; scores and their softmax, 2hT;
    /// three results of width H; and 4I.
    /// </summary>
    internal static long LayerPass(ModelConfig config, int tokens, long e)
    {
        var norm = e < Single ? 6L : 2L;
        var numbers = ((2 * norm) + 4) * config.HiddenSize
            + ((8 + norm) * QueryWidth(config)) + ((7 + norm) * KeyWidth(config))
            + (AllScores(tokens) ? 2L * config.HeadCount * tokens : 2L * QueryWidth(config))
            + (4L * config.IntermediateSize);
        return numbers * e;
    }

    private static bool AllScores(int tokens) => tokens <= Decoder.LongestWithAllScores;

    private static long Loose(long bytes) => (long)(bytes * Slack);

    private static long Weights(ModelConfig config, long e) => Decoder.WeightShapes(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)) * e;

    /// <summary>Numbers of one diff of rank 1.</summary>
    private static long FactorWidth(ModelConfig config) => Decoder.SitesOf(config).Sum(site => (long)site.InFeatures + site.OutFeatures);

    private static long QueryWidth(ModelConfig config) => (long)config.HeadCount * config.HeadSize;

    private static long KeyWidth(ModelConfig config) => (long)config.KeyValueHeadCount * config.HeadSize;
}
