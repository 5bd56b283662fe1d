using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>The low-rank factors of many diffs at one site.</summary>
/// <param name="A">What takes the input to the rank, [n, rank, in].</param>
/// <param name="B">What takes the rank to the output, [n, out, rank].</param>
public sealed record StackedFactors(Tensor A, Tensor B);
