using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A norm's way through a training step; nothing is done where there is none. Its output is not kept but computed again.</summary>
internal sealed class NormTraining(RmsNorm? norm)
{
    private Tensor input = null!;
    private Tensor? scale;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => norm is null ? [input] : [input, scale!];

    /// <summary>x [...,H] -> [...,H].</summary>
    internal Tensor Forward(Tensor x)
    {
        input = x;
        scale = norm?.Scale(x);
        return Output();
    }

    /// <summary>What came out, computed again.</summary>
    internal Tensor Output() => norm is null ? input : norm.Apply(input, scale!);

    /// <summary>The gradient of x from that of the output.</summary>
    internal Tensor Backward(Tensor gradient) => norm is null ? gradient : norm.InputGradient(gradient, input, scale!);
}
