using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// One layer's way through a training step with gradients written by hand: there it keeps what the way back cannot cheaply compute again, or only
/// its input, where all of it is to be computed again.
/// </summary>
internal sealed class LayerTraining(DecoderLayer layer, ForwardPass pass, PairsOfPass pairs, long first, TrainingMemory memory) : IDisposable
{
    private readonly AttentionTraining attention = new(layer.Attention, layer.Attention.Slides ? pass.Sliding : pass.Full, pairs, first, Kept(memory));
    private readonly FeedForwardTraining feedForward = new(layer.FeedForward, pairs, Kept(memory));
    private readonly NormTraining beforeAttention = new(layer.BeforeAttention), behindAttention = new(layer.BehindAttention);
    private readonly NormTraining beforeFeedForward = new(layer.BeforeFeedForward), behindFeedForward = new(layer.BehindFeedForward);
    private readonly List<Tensor> kept = [];
    private Tensor input = null!;

    /// <summary>x [N,T,H] -> [N,T-first,H]. It keeps x, which the caller hands over.</summary>
    internal Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        input = x;
        kept.Add(x.DetachFromDisposeScope());
        var y = Through(x);
        if (!memory.Recomputes)
        {
            Keep();
        }

        return y.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of x from that of the output, or null where it is not asked for; all that was kept is freed.</summary>
    internal Tensor? Backward(Tensor gradient, bool needsInput)
    {
        using var scope = NewDisposeScope();
        if (memory.Recomputes)
        {
            _ = Through(input);
        }

        var middle = feedForward.Backward(behindFeedForward.Backward(gradient), beforeFeedForward.Output());
        middle = beforeFeedForward.Backward(middle).Plus_(gradient);
        var below = attention.Backward(behindAttention.Backward(middle), beforeAttention.Output(), needsInput);
        if (below is not null)
        {
            below = beforeAttention.Backward(below);
            (first == 0 ? below : below.narrow(1, first, below.shape[1] - first)).Plus_(middle);
        }

        Dispose();
        return below?.MoveToOuterDisposeScope();
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        kept.ForEach(tensor => tensor.Dispose());
        kept.Clear();
    }

    // Where a layer keeps its activations, if it does.
    private static TrainingMemory? Kept(TrainingMemory memory) => memory.Recomputes ? null : memory;

    private Tensor Through(Tensor x)
    {
        var residual = first == 0 ? x : x.narrow(1, first, x.shape[1] - first);
        var middle = behindAttention.Forward(attention.Forward(beforeAttention.Forward(x))).Plus_(residual);
        return behindFeedForward.Forward(feedForward.Forward(beforeFeedForward.Forward(middle))).Plus_(middle);
    }

    private void Keep()
    {
        Tensor[] needed = [.. attention.Kept, .. feedForward.Kept, .. beforeAttention.Kept, .. behindAttention.Kept, .. beforeFeedForward.Kept, .. behindFeedForward.Kept];
        foreach (var tensor in needed.Where(tensor => !ReferenceEquals(tensor, input)).Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>())
        {
            kept.Add(tensor.DetachFromDisposeScope());
        }
    }
}
