using Dit.Models;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// Training needs at least 32 bits: in 16, small gradients vanish and small steps leave a factor where it was, and nothing would say so.
/// How a base keeps its own weights, which are not trained, does not matter to that.
/// </summary>
internal static class FullPrecision
{
    /// <summary>Says that a model can be trained on, or throws.</summary>
    /// <exception cref="DitException">It computes in 16 bits.</exception>
    public static void Require(Decoder model)
    {
        if (model.Type is not (ScalarType.Float32 or ScalarType.Float64))
        {
            throw new DitException($"training: expected a base that computes in float32, found one loaded in {model.Type.Name()} by --dtype; --base-weights keeps the base in 16 or 8 bits and computes in float32.");
        }
    }
}
