using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Products with weights of 16 bits. Where a CPU has no units for them, libtorch multiplies them about five times slower than 32-bit ones, so
/// products of several rows are taken in float32, of a block of the weight at a time; the weight itself stays in 16 bits.
/// </summary>
internal static class HalfProducts
{
    // Of one row each weight is used once, and converting it costs more than multiplying it slowly.
    private const long FewestRows = 8;
    private const long NumbersPerBlock = 1L << 22;

    private static readonly bool MultipliesBFloat16 = Has(leaf: 1, register: 0, bit: 5) || Has(leaf: 0, register: 3, bit: 22); // AVX512-BF16, AMX-BF16
    private static readonly bool MultipliesFloat16 = Has(leaf: 0, register: 3, bit: 23) || Has(leaf: 1, register: 0, bit: 21); // AVX512-FP16, AMX-FP16

    /// <summary>x [...,in] times the transpose of a weight [out,in], plus a bias [out] where there is one, in the weight's type.</summary>
    internal static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null) =>
        IsSlow(weight.dtype) && !is_grad_enabled() && weight.device_type == DeviceType.CPU && x.numel() >= FewestRows * weight.shape[1]
            ? Widened(x, weight, bias)
            : nn.functional.linear(x, weight, bias);

    private static bool IsSlow(ScalarType type) =>
        (type == ScalarType.BFloat16 && !MultipliesBFloat16) || (type == ScalarType.Float16 && !MultipliesFloat16);

    /// <summary>The same by way of float32.</summary>
    internal static Tensor Widened(Tensor x, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var rows = Math.Max(1, NumbersPerBlock / weight.shape[1]);
        var blocks = new List<Tensor>();
        for (long first = 0; first < weight.shape[0]; first += rows)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(rows, weight.shape[0] - first);
            var part = weight.narrow(0, first, count).to(ScalarType.Float32);
            blocks.Add(nn.functional.linear(wide, part, bias?.narrow(0, first, count).to(ScalarType.Float32)).to(weight.dtype).MoveToOuterDisposeScope());
        }

        return (blocks.Count == 1 ? blocks[0] : cat(blocks, -1)).MoveToOuterDisposeScope();
    }

    private static bool Has(int leaf, int register, int bit)
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
        {
            return false;
        }

        var (a, b, c, d) = X86Base.CpuId(7, leaf);
        return (new[] { a, b, c, d }[register] >> bit & 1) != 0;
    }
}
