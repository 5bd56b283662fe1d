using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The feed-forward part's way through a training step. Of what lies between its products only the two inputs of the gate are kept.</summary>
internal sealed class FeedForwardTraining(FeedForward part, PairsOfPass pairs, TrainingMemory? memory)
{
    private readonly SitesTraining into = new(pairs, (part.Gate, memory), (part.Up, memory)), down = new(pairs, (part.Down, memory));
    private Tensor gated = null!, raised = null!;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => [gated, raised, .. into.Kept, .. down.Kept];

    /// <summary>x [N,T,H] -> [N,T,H].</summary>
    internal Tensor Forward(Tensor x)
    {
        var both = into.Forward(x);
        (gated, raised) = (both[0], both[1]);
        return down.Forward(part.Activated(gated).mul_(raised))[0];
    }

    /// <summary>The gradient of x from that of the output; x as on the way there.</summary>
    internal Tensor Backward(Tensor gradient, Tensor x)
    {
        var (g, u, product) = Product();
        return into.Backward([.. autograd.grad([product], [g, u], [down.Backward([gradient], product.detach())!])], x)!;
    }

    // Computed again rather than kept; libtorch's own gradient of the activation is a single pass.
    private (Tensor Gate, Tensor Up, Tensor Product) Product()
    {
        using var tracked = enable_grad();
        var (g, u) = (gated.detach().requires_grad_(true), raised.detach().requires_grad_(true));
        return (g, u, part.Activated(g) * u);
    }
}
