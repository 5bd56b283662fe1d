using Dit.Models;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Evaluation.Graders;

/// <summary>
/// How alike answer and label are to the base model itself: the cosine of their mean final hidden states, 0 where it is negative. Same
/// texts have 1; case, quotation marks around the whole and full stops at its end do not count.
/// </summary>
/// <remarks>
/// Each text is read on its own with a space before it, as in the middle of a sentence, behind one padding token that is not counted: many
/// models make something special of the first place. From every state the mean over single tokens drawn from the vocabulary is taken away, since
/// hidden states of language models have a large direction in common (Ethayarajh, arXiv 1909.00512) that would make any two texts
/// alike. On the shipped base a telling word of a topic has 0.52 with the topic's name and 0.06 with other names, and is nearest to its own among
/// 165 names in 58 % of cases. A sentence around the label lowers the similarity, on a small model down to that of unrelated texts.
/// </remarks>
/// <param name="model">The base.</param>
public sealed class HiddenStateSimilarity(BaseModel model) : IGrader
{
    private const int CentreTokens = 256, RowsPerPass = 64, MostTokens = 512;

    private readonly Lazy<double[]> centre = new(() => Centre(model));

    /// <inheritdoc/>
    public string Name => "hidden-state-similarity";

    /// <inheritdoc/>
    public double Best => 1;

    /// <inheritdoc/>
    /// <exception cref="DitException">The model's numbers are not finite.</exception>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default)
    {
        string[] texts = [.. pairs.SelectMany(pair => new[] { pair.Answer, pair.Label }).Select(ExactMatch.Plain).Distinct(StringComparer.Ordinal)];
        var states = texts.Zip(States(model, [.. texts.Select(Ids)], cancellation)).ToDictionary(each => each.First, each => each.Second, StringComparer.Ordinal);
        return [.. pairs.Select(pair => (double?)Cosine(states[ExactMatch.Plain(pair.Answer)], states[ExactMatch.Plain(pair.Label)]))];
    }

    private int[] Ids(string text) => model.Tokenizer.Tokenizer.EncodeContinuation(" " + text);

    private double Cosine(double[] first, double[] second)
    {
        var (dot, firstSquare, secondSquare) = (0.0, 0.0, 0.0);
        foreach (var ((a, b), mean) in first.Zip(second).Zip(centre.Value))
        {
            dot += (a - mean) * (b - mean);
            firstSquare += (a - mean) * (a - mean);
            secondSquare += (b - mean) * (b - mean);
        }

        return ReferenceEquals(first, second) ? 1 : firstSquare == 0 || secondSquare == 0 ? 0 : Math.Clamp(dot / Math.Sqrt(firstSquare * secondSquare), 0, 1);
    }

    private static double[] Centre(BaseModel model)
    {
        var random = RandomStream.Named(0, "evaluation/hidden-state-similarity");
        var tokens = Enumerable.Range(0, CentreTokens).Select(_ => new[] { random.NextInt(model.Tokenizer.Tokenizer.VocabularySize) }).ToArray();
        var states = States(model, tokens, CancellationToken.None);
        return [.. Enumerable.Range(0, states[0].Length).Select(at => states.Average(state => state[at]))];
    }

    /// <summary>The mean hidden state [H] of each text's tokens.</summary>
    private static List<double[]> States(BaseModel model, IReadOnlyList<int[]> texts, CancellationToken cancellation)
    {
        using var untracked = no_grad();
        var states = new List<double[]>();
        var most = Math.Min(MostTokens, model.Decoder.Config.MaxPositions);
        foreach (var pass in texts.Chunk(RowsPerPass))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int[][] rows = [.. pass.Select(ids => ids.Prepend(model.Tokenizer.PadTokenId).Take(most).ToArray())];
            var longest = rows.Max(row => row.Length);
            var device = model.Decoder.Device;
            var ids = tensor(rows.SelectMany(row => Filled(row, longest, at => row[at])).ToArray(), [rows.Length, longest], device: device);
            var mask = tensor(rows.SelectMany(row => Filled(row, longest, _ => 1)).ToArray(), [rows.Length, longest], device: device);
            var counted = tensor(rows.SelectMany(row => Filled(row, longest, at => at == 0 ? 0 : 1)).ToArray(), [rows.Length, longest, 1], device: device);
            var hidden = model.Decoder.HiddenStates(ids, mask).to(ScalarType.Float32);
            var means = hidden.mul(counted).sum([1]).div(counted.sum([1]).AtLeast(1)).cpu();
            states.AddRange(Enumerable.Range(0, rows.Length).Select(row => means[row].data<float>().Select(value => (double)value).ToArray()));
        }

        return states.TrueForAll(state => Array.TrueForAll(state, double.IsFinite))
            ? states
            : throw new DitException($"{model.Folder}: expected finite hidden states, found others: the numbers grow beyond what {model.Decoder.Type.Name()} can hold, or were never finite");
    }

    private static IEnumerable<long> Filled(int[] row, int length, Func<int, long> value) => Enumerable.Range(0, length).Select(at => at < row.Length ? value(at) : 0);
}
