using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A forward pass of a frozen decoder with low-rank pairs at its sites, and the way back to the pairs. The gradients are written by hand, but for those
/// of an activation and of the fused kernel of long rows: autograd would keep several times as much, and compute what nobody asks for, such as what the
/// last layer gives at tokens that count for nothing.
/// </summary>
public sealed class TrainingPass : IDisposable
{
    private readonly LayerTraining[] layers;
    private readonly NormTraining finalNorm;
    private readonly PairsOfPass pairs;
    private readonly TrainingMemory memory;
    private readonly Tensor[] kept;

    private TrainingPass(LayerTraining[] layers, NormTraining finalNorm, Tensor hidden, ForwardPass pass, PairsOfPass pairs, TrainingMemory memory)
    {
        (this.layers, this.finalNorm, this.pairs, this.memory, Hidden) = (layers, finalNorm, pairs, memory, hidden);
        kept = [hidden, .. finalNorm.Kept, .. OfView(pass.Full), .. OfView(pass.Sliding)];
        foreach (var tensor in kept)
        {
            tensor.DetachFromDisposeScope();
        }
    }

    /// <summary>The final, normed hidden states of the tokens from the first asked for on, [N,T-first,H].</summary>
    public Tensor Hidden { get; }

    /// <summary>Computes hidden states and keeps what the way back needs.</summary>
    /// <param name="model">The frozen base; it computes in 32 or 64 bits.</param>
    /// <param name="inputIds">[N,T] (int64), right padded.</param>
    /// <param name="attentionMask">[N,T], 1 where there is a token; null where nothing that counts sees padding.</param>
    /// <param name="terms">What is added, by site.</param>
    /// <param name="first">The first token of a row whose hidden state is asked for, the same for all rows.</param>
    /// <param name="memory">Where it keeps activations until it is disposed; without one, in memory of its own.</param>
    /// <exception cref="DitException">A site is not the model's, something does not fit its site or the rows of the batch, or padding is not on the right.</exception>
    public static TrainingPass Forward(
        Decoder model, Tensor inputIds, Tensor? attentionMask, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, long first = 0, TrainingMemory? memory = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputIds);
        ArgumentNullException.ThrowIfNull(terms);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        model.Check(terms, inputIds.shape[0]);
        var pass = model.BeginTraining(inputIds, attentionMask);
        memory ??= new TrainingMemory();
        memory.Begin(model.Type, model.Device);
        var joined = new PairsOfPass(terms, inputIds.shape[0], model.Type, model.Device);
        LayerTraining[] through = [];
        try
        {
            through = [.. model.Layers.Select((layer, i) => new LayerTraining(layer, pass, joined, i == model.Layers.Count - 1 ? first : 0, memory))];
            var x = through.Aggregate(model.Embedded(inputIds), (x, layer) => layer.Forward(x));
            var last = new NormTraining(model.FinalNorm);
            return new TrainingPass(through, last, last.Forward(x), pass, joined, memory);
        }
        catch
        {
            Array.ForEach(through, layer => layer.Dispose());
            joined.Dispose();
            memory.End();
            throw;
        }
    }

    /// <summary>Adds the gradients of the pairs to where they say, from that of <see cref="Hidden"/>. It can be called once, and frees what was kept.</summary>
    public void Backward(Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var back = finalNorm.Backward(gradient);
        for (var i = layers.Length - 1; i >= 0; i--)
        {
            // Nobody asks for the embeddings' gradient.
            back = layers[i].Backward(back, needsInput: i > 0)!;
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(layers, layer => layer.Dispose());
        pairs.Dispose();
        memory.End();
        foreach (var tensor in kept)
        {
            tensor.Dispose();
        }
    }

    private static IEnumerable<Tensor> OfView(AttentionView view) => new[] { view.Rotation.Cos, view.Rotation.Sin, view.Mask }.OfType<Tensor>();
}
