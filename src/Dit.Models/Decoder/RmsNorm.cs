using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Root mean square norm over the last dimension: x · rsqrt(mean(x²) + ε) · weight, in at least 32 bits.</summary>
internal sealed record RmsNorm(Tensor Weight, double Epsilon, NormWeight Applied)
{
    /// <summary>The norm of this name among named weights.</summary>
    internal static RmsNorm From(string name, ModelConfig config, Func<string, Tensor> weight) =>
        new(weight($"{name}.weight"), config.NormEpsilon, config.NormWeight);

    internal Tensor Apply(Tensor x)
    {
        if (x.dtype is ScalarType.Float32 or ScalarType.Float64)
        {
            return Normed(x) * (Applied == NormWeight.OneMoreBeforeRounding ? Weight.Plus(1) : Weight);
        }

        var normed = Normed(x.to(ScalarType.Float32));
        return Applied switch
        {
            NormWeight.AfterRounding => normed.to(x.dtype) * Weight,
            // 32 bits times fewer gives 32.
            NormWeight.BeforeRounding => (normed * Weight).to(x.dtype),
            _ => (normed * Weight.to(ScalarType.Float32).Plus(1)).to(x.dtype),
        };
    }

    // The length of x stands for its mean square: one pass over x instead of two, there and on the way back.
    private Tensor Normed(Tensor x) =>
        x * linalg.norm(x, 2.0, [-1], keepdim: true).Squared().Times_(1.0 / x.shape[^1]).Plus_(Epsilon).rsqrt_();
}
