using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A weight [out,in] of plain numbers, of the type that is computed in.</summary>
internal sealed class DenseWeight(Tensor weight) : FrozenWeight
{
    internal override long Outputs { get; } = weight.shape[0];

    internal override Tensor Product(Tensor x, Tensor? bias = null) => HalfProducts.Linear(x, weight, bias);

    internal override void ProductInto(Tensor result, Tensor x, Tensor? bias) => (bias is null ? result : result.copy_(bias)).addmm_(x, weight.t(), bias is null ? 0 : 1, 1);

    internal override Tensor InputGradient(Tensor gradient) => gradient.mm(weight);

    internal override void AddInputGradient(Tensor sum, Tensor gradient) => sum.addmm_(gradient, weight, 1, 1);

    internal override Tensor Rows(Tensor numbers) => weight.index_select(0, numbers);
}
