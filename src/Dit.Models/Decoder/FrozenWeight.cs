using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// The weight [out,in] of a linear layer in whatever form it is kept, as far as forward passes and the way back to a layer's input need it.
/// </summary>
internal abstract class FrozenWeight
{
    /// <summary>The weight of this name among named weights, in the form in which it is there.</summary>
    internal static FrozenWeight From(string name, Func<string, Tensor> weight)
    {
        var kept = weight(name);
        // A norm is always of the type computed in.
        return kept.dtype == ScalarType.Int8 ? new NarrowWeight(kept, weight(WeightLayout.ScaleOf(name)))
            : kept.dtype == weight(WeightLayout.FinalNorm).dtype ? new DenseWeight(kept)
            : new NarrowWeight(kept);
    }

    /// <summary>Its rows, out.</summary>
    internal abstract long Outputs { get; }

    /// <summary>x [...,in] times the transpose of the weight, plus a bias [out] where there is one: [...,out].</summary>
    internal abstract Tensor Product(Tensor x, Tensor? bias = null);

    /// <summary>The same for x [n,in] in float32 or float64, written over what is in a result [n,out].</summary>
    internal abstract void ProductInto(Tensor result, Tensor x, Tensor? bias);

    /// <summary>The gradient of what <see cref="Product"/> was given, [n,in], from that of what it gave, [n,out].</summary>
    internal abstract Tensor InputGradient(Tensor gradient);

    /// <summary>Adds <see cref="InputGradient"/> to a sum [n,in] in place.</summary>
    internal abstract void AddInputGradient(Tensor sum, Tensor gradient);

    /// <summary>Some of its rows, [n,in], by their numbers [n] (int64).</summary>
    internal abstract Tensor Rows(Tensor numbers);
}
