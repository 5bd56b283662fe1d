using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Root mean square norm over the last dimension: x · rsqrt(mean(x²) + ε) · weight, in at least 32 bits.</summary>
internal sealed record RmsNorm(Tensor Weight, double Epsilon)
{
    internal Tensor Apply(Tensor x)
    {
        if (x.dtype is ScalarType.Float32 or ScalarType.Float64)
        {
            return Normed(x) * Weight;
        }

        return Normed(x.to(ScalarType.Float32)).to(x.dtype) * Weight;
    }

    // The length of x stands for its mean square: one pass over x instead of two, there and on the way back.
    private Tensor Normed(Tensor x) =>
        x * linalg.vector_norm(x, 2, [-1], keepdim: true).square().mul_(1.0 / x.shape[^1]).add_(Epsilon).rsqrt_();
}
