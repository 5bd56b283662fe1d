using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>What is done with a base, as memory is asked about.</summary>
public enum Work
{
    /// <summary>Answering questions.</summary>
    Asking,

    /// <summary>Training diffs.</summary>
    TrainingDiffs,

    /// <summary>Training the adapter.</summary>
    TrainingAdapter,
}

/// <summary>Some work, what it needs, and whether that is there.</summary>
/// <param name="Work">What is done.</param>
/// <param name="Type">The type it is computed in.</param>
/// <param name="Kept">How the base's matrices are kept.</param>
/// <param name="Batch">Rows at once.</param>
/// <param name="Estimate">What it needs.</param>
/// <param name="LargestBatch">The most rows that fit, up to <see cref="MemoryPlan.MostRows"/>; 0 where none does.</param>
public sealed record PlannedWork(Work Work, ScalarType Type, KeptWeights Kept, int Batch, MemoryEstimate Estimate, int LargestBatch)
{
    /// <summary>Whether it fits.</summary>
    public bool Fits => Batch <= LargestBatch;
}

/// <summary>What fits into a machine's memory.</summary>
public static class MemoryPlan
{
    /// <summary>No batch larger than this is looked for.</summary>
    public const int MostRows = 4096;

    // float16 takes what bfloat16 does.
    private static readonly KeptWeights[] Kept = [KeptWeights.AsComputed, KeptWeights.BFloat16, KeptWeights.Int8];

    /// <summary>Asking in each of the types, and both trainings, which compute in float32, with a base kept in that, in half of it and in a quarter.</summary>
    /// <param name="config">The base.</param>
    /// <param name="types">Types to ask in.</param>
    /// <param name="batch">Rows at once.</param>
    /// <param name="tokens">Tokens of a row: of a prompt, or of an example, half of which counts.</param>
    /// <param name="answerTokens">Longest answer.</param>
    /// <param name="rank">Rank of a diff.</param>
    /// <param name="adapterRank">Rank of the adapter.</param>
    /// <param name="available">Bytes there are.</param>
    public static IReadOnlyList<PlannedWork> Of(
        ModelConfig config, IReadOnlyList<ScalarType> types, int batch, int tokens, int answerTokens, int rank, int adapterRank, long available)
    {
        var counted = Math.Max(1, tokens / 2);
        return
        [
            .. types.Select(type => Plan(Work.Asking, type, KeptWeights.AsComputed, rows => MemoryEstimate.OfAsking(config, type, rows, tokens, answerTokens))),
            .. Kept.Select(kept => Plan(Work.TrainingDiffs, ScalarType.Float32, kept, rows => MemoryEstimate.OfDiffTraining(config, rows, tokens, rank, counted, kept))),
            .. Kept.Select(kept => Plan(Work.TrainingAdapter, ScalarType.Float32, kept, rows => MemoryEstimate.OfAdapterTraining(config, rows, tokens, adapterRank, rank, counted, kept))),
        ];

        PlannedWork Plan(Work work, ScalarType type, KeptWeights kept, Func<int, MemoryEstimate> estimate) =>
            new(work, type, kept, batch, estimate(batch), Largest(rows => estimate(rows).Total <= available));
    }

    /// <summary>The largest number up to the limit for which something holds that holds for all smaller ones too.</summary>
    private static int Largest(Func<int, bool> fits)
    {
        var (low, high) = (0, MostRows);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = fits(middle) ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
