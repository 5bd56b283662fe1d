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

    /// <summary>Memory taken for tensors that come and go is so much larger than the tensors: freed pieces are kept and do not always fit again.</summary>
    public const double Slack = 1.25;

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
    /// Training N diffs at once, a row each: 32-bit weights; of every layer what its gradient needs (see <see cref="Kept"/>); and where a diff is held
    /// to the base, nine tables [P, V]: the teacher's log-probabilities and their exponential, the student's scores and log-probabilities, their
    /// difference and its product, and three on the way back. Each trained number has a gradient and Adam's two means beside it.
    /// </summary>
    /// <param name="config">The base.</param>
    /// <param name="diffs">N.</param>
    /// <param name="tokens">T.</param>
    /// <param name="rank">r.</param>
    /// <param name="countedTokens">Positions of a row that count, P / N.</param>
    public static MemoryEstimate OfDiffTraining(ModelConfig config, int diffs, int tokens, int rank, int countedTokens) =>
        OfTraining(config, diffs, tokens, tables: 9, countedTokens, 4L * diffs * rank * FactorWidth(config), frozen: 0);

    /// <summary>
    /// A step of the adapter's training with N questions, each on a diff of its own: as above, with a cross-entropy's four tables [P, V] (scores,
    /// log-probabilities, and the gradients of both), one trained adapter and N diffs that are only read, for this step
    /// and the ones that are made ready meanwhile.
    /// </summary>
    /// <param name="config">The base.</param>
    /// <param name="rows">N.</param>
    /// <param name="tokens">T.</param>
    /// <param name="rank">r of the adapter.</param>
    /// <param name="diffRank">Rank of the diffs.</param>
    /// <param name="countedTokens">Positions of a row that count, P / N.</param>
    public static MemoryEstimate OfAdapterTraining(ModelConfig config, int rows, int tokens, int rank, int diffRank, int countedTokens) =>
        OfTraining(config, rows, tokens, tables: 4, countedTokens, 4L * rank * FactorWidth(config), (1L + AdapterSteps.MostAhead) * rows * diffRank * FactorWidth(config));

    private static MemoryEstimate OfTraining(ModelConfig config, int rows, int tokens, int tables, int countedTokens, long trained, long frozen) => new(
    [
        new("program", Program),
        new("weights", Weights(config, Single)),
        new("factors", (trained + frozen) * Single),
        new("activations", Loose(((config.LayerCount * Kept(config, tokens)) + LayerPass(config, tokens, Single)) * rows * tokens)),
        new("scores", Loose((long)tables * rows * countedTokens * config.VocabularySize * Single)),
    ]);

    /// <summary>
    /// Bytes a token that one layer keeps for the way back. The base's weights are frozen, so their inputs are kept only as inputs of the factors:
    /// both norms' inputs and outputs, 4H; of the feed-forward part gate, silu(gate), up and their product, 4I; of queries what is normed, what is
    /// scored, and what goes into o_proj, 3Q, and of keys and values 3K with all scores, hT. Beyond 128 tokens no scores are kept, but keys and values
    /// repeated for every head instead of their own: 5Q and K.
    /// </summary>
    internal static long Kept(ModelConfig config, int tokens)
    {
        var (q, k) = (QueryWidth(config), KeyWidth(config));
        var attention = AllScores(tokens) ? (3 * q) + (3 * k) + ((long)config.HeadCount * tokens) : (5 * q) + k;
        return Single * ((4L * config.HiddenSize) + attention + (4L * config.IntermediateSize));
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
