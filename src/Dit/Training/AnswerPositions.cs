using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>The positions of a batch at which a loss is taken, and hidden states there.</summary>
internal sealed class AnswerPositions
{
    private readonly int first;

    /// <summary>Of a batch, counted through row after row; in order, none twice.</summary>
    public AnswerPositions(TokenBatch batch, int[] positions)
    {
        (Batch, Positions) = (batch, positions);
        first = positions.Length == 0 ? 0 : positions.Min(position => position % batch.Length) / TokenBatch.LengthStep * TokenBatch.LengthStep;
    }

    public TokenBatch Batch { get; }

    public IReadOnlyList<int> Positions { get; }

    public int Count => Positions.Count;

    /// <summary>A pass that gives the hidden states from the first such position of any row on.</summary>
    /// <exception cref="DitException">A row is longer than the model's positions, or a pair does not fit.</exception>
    public TrainingPass Forward(Decoder model, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, TrainingMemory? memory)
    {
        if (Batch.Length > model.Config.MaxPositions)
        {
            throw new DitException($"training: expected examples of at most the model's {model.Config.MaxPositions} positions, found one of {Batch.Length} tokens");
        }

        return TrainingPass.Forward(model, tensor(Batch.Ids, [Batch.Rows, Batch.Length], device: model.Device), AttentionMask(model.Device), terms, first, memory);
    }

    /// <summary>Hidden states at the positions, [P,H], of those that the pass gave.</summary>
    public Tensor Of(Tensor hidden) => Flat(hidden).index_select(0, Places(hidden.device));

    /// <summary>A gradient at the positions [P,H] in the shape of what the pass gave, with zeros elsewhere.</summary>
    public Tensor ToAll(Tensor gradient, Tensor hidden)
    {
        var all = zeros_like(hidden);
        Flat(all).index_copy_(0, Places(hidden.device), gradient);
        return all;
    }

    private static Tensor Flat(Tensor hidden) => hidden.view(-1, hidden.shape[^1]);

    private Tensor Places(Device device)
    {
        var length = Batch.Length - first;
        return tensor(Positions.Select(position => (long)((position / Batch.Length * length) + (position % Batch.Length) - first)).ToArray(), device: device);
    }

    /// <summary>[rows, length], 1 where there is a token; null where padding is of no concern.</summary>
    private Tensor? AttentionMask(Device device) => Batch.TokenCounts is { } counts
        ? Arithmetic.Range(Batch.Length, device: device).lt(tensor(counts.Select(count => (long)count).ToArray(), device: device).unsqueeze(1)).to(ScalarType.Int64)
        : null;
}
