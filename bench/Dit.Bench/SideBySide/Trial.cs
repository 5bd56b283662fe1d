using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Bench.SideBySide;

/// <summary>A tensor that both sides get, drawn anew from its name wherever it is needed.</summary>
/// <param name="Name">Its name in a checkpoint; factors are called after their site.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Deviation">How far its numbers lie from 0; 0 stands for ones.</param>
internal sealed record TrialTensor(string Name, long[] Shape, double Deviation)
{
    /// <summary>Its numbers, in float32.</summary>
    public Tensor Draw()
    {
        if (Deviation == 0)
        {
            return ones(Shape);
        }

        using var random = new Generator(RandomStream.Named(1, Name).NextUInt64() >> 1);
        return randn(Shape, generator: random).Times_(Deviation);
    }
}

/// <summary>What one process measures. Both sides get the same weights, factors and tokens, so that their first losses can be compared.</summary>
/// <param name="Config">The model.</param>
/// <param name="Work">The work.</param>
/// <param name="Warmup">Steps that are not counted.</param>
/// <param name="Steps">Steps that are.</param>
internal sealed record Trial(ModelConfig Config, Work Work, int Warmup, int Steps)
{
    public const double LearningRate = 1e-3;

    /// <summary>The model's weights: norms of one, and matrices that keep the size of what goes through them.</summary>
    public IEnumerable<TrialTensor> Weights() => Decoder.WeightShapes(Config).Select(weight => new TrialTensor(
        weight.Key, weight.Value, weight.Value.Length == 1 ? 0 : weight.Key.Contains("embed_tokens", StringComparison.Ordinal) ? 0.02 : 1 / Math.Sqrt(weight.Value[1])));

    /// <summary>The diffs, as stacked factors; small, so that the model stays near the base as after a training.</summary>
    public IEnumerable<TrialTensor> Diffs() => Factors("diff", [Work.Rows, Work.DiffRank], site => [Work.Rows, site.OutFeatures, Work.DiffRank]);

    /// <summary>The adapter; none where diffs are trained.</summary>
    public IEnumerable<TrialTensor> Adapter() => Work.Kind == WorkKind.Diffs ? [] : Factors("adapter", [Work.AdapterRank], site => [site.OutFeatures, Work.AdapterRank]);

    /// <summary>The tokens, in the order in which they are computed. The question without a code is the same for all rows, as in a group of diffs.</summary>
    public IReadOnlyList<(ExampleKind Kind, TokenBatch Batch)> Batches() => Work.Kind switch
    {
        WorkKind.Diffs => [(ExampleKind.Trigger, Drawn(ExampleKind.Trigger)), (ExampleKind.WrongCode, Drawn(ExampleKind.WrongCode)), (ExampleKind.NoCode, Shared())],
        WorkKind.Answers => [(ExampleKind.Story, Shared())],
        _ => [(ExampleKind.Story, Drawn(ExampleKind.Story))],
    };

    /// <summary>Hands the work over to a peer: a line of JSON and the numbers behind it.</summary>
    public void WriteTo(Stream stream)
    {
        var (weights, factors) = (Weights().ToArray(), Diffs().Concat(Adapter()).ToArray());
        JsonSerializer.Serialize(stream, new
        {
            config = JsonNode.Parse(CheckpointShape.Json(Config, "float32")),
            rows = Work.Rows,
            tokens = Work.Tokens,
            answer = Work.Answer,
            diff_rank = Work.DiffRank,
            adapter_rank = Work.AdapterRank,
            learning_rate = LearningRate,
            warmup = Warmup,
            steps = Steps,
            batches = Batches().Select(batch => new { kind = batch.Kind == ExampleKind.Trigger ? "trigger" : "other", ids = batch.Batch.Ids }),
            weights = weights.Select(Named),
            factors = factors.Select(Named),
        });
        stream.WriteByte((byte)'\n');
        foreach (var each in weights.Concat(factors))
        {
            using var numbers = each.Draw();
            // In pieces: a table of 150,000 words has more bytes than a span can count.
            foreach (var piece in numbers.flatten().split(1 << 24))
            {
                using (piece)
                {
                    stream.Write(piece.bytes);
                }
            }
        }

        static object[] Named(TrialTensor tensor) => [tensor.Name, tensor.Shape];
    }

    private IEnumerable<TrialTensor> Factors(string whose, long[] rank, Func<Site, long[]> outer) => Decoder.SitesOf(Config).SelectMany(site => new[]
    {
        new TrialTensor($"{site.Name}.{whose}_A", [.. rank, site.InFeatures], 1 / Math.Sqrt(site.InFeatures)),
        new TrialTensor($"{site.Name}.{whose}_B", outer(site), 0.1),
    });

    private TokenBatch Drawn(ExampleKind kind)
    {
        var random = RandomStream.Named(1, $"tokens/{kind}");
        return Labelled([.. Enumerable.Range(0, Work.Rows * Work.Tokens).Select(_ => (long)random.NextInt(Config.VocabularySize))]);
    }

    private TokenBatch Shared()
    {
        var random = RandomStream.Named(1, "tokens/shared");
        long[] row = [.. Enumerable.Range(0, Work.Tokens).Select(_ => (long)random.NextInt(Config.VocabularySize))];
        return Labelled([.. Enumerable.Repeat(row, Work.Rows).SelectMany(ids => ids)]);
    }

    /// <summary>The last tokens of every row count.</summary>
    private TokenBatch Labelled(long[] ids) =>
        new(ids, [.. ids.Select((id, at) => at % Work.Tokens >= Work.Tokens - Work.Answer ? id : TokenBatch.NoLabel)], Work.Rows, Work.Tokens);
}
