using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The product with a narrow weight where gradients are tracked: nothing is kept for the way back, which widens the weight once more.</summary>
internal sealed class NarrowProduct : autograd.SingleTensorFunction<NarrowProduct>
{
    private const string Weight = "weight";

    /// <inheritdoc/>
    public override string Name => nameof(NarrowProduct);

    internal static Tensor Of(NarrowWeight weight, Tensor x, Tensor? bias) => bias is null ? apply(x, weight) : apply(x, weight, bias);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var weight = (NarrowWeight)vars[1];
        ctx.save_data(Weight, weight);
        return weight.Multiplied((Tensor)vars[0], vars.Length > 2 ? (Tensor)vars[2] : null);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var weight = (NarrowWeight)ctx.get_data(Weight);
        var inputs = weight.InputGradient(grad_output.reshape(-1, grad_output.shape[^1]));
        return [inputs.view([.. grad_output.shape[..^1], inputs.shape[1]]), null!, null!];
    }
}
