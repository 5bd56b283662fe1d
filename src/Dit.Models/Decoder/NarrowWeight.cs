using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A weight [out,in] that is computed with in float32 and kept in fewer bits: in 16, or as whole numbers of 8 bits with a scale [out] by which
/// each row is multiplied. A block of rows at a time is widened, multiplied and forgotten, so that the whole is never there in float32.
/// </summary>
/// <param name="kept">[out,in].</param>
/// <param name="scales">[out] in float32; null where the numbers are the weight itself.</param>
internal sealed class NarrowWeight(Tensor kept, Tensor? scales = null) : FrozenWeight
{
    /// <summary>At most so many numbers are wide at a time: 16 MiB, of which a product is as fast as of more.</summary>
    internal const long NumbersPerBlock = 1L << 22;

    private readonly long outputs = kept.shape[0], inputs = kept.shape[1];

    internal override long Outputs => outputs;

    internal override Tensor Product(Tensor x, Tensor? bias = null)
    {
        using var scope = NewDisposeScope();
        var result = empty([.. x.shape[..^1], outputs], ScalarType.Float32, x.device);
        ProductInto(result.view(-1, outputs), x.reshape(-1, inputs), bias);
        return result.MoveToOuterDisposeScope();
    }

    internal override void ProductInto(Tensor result, Tensor x, Tensor? bias)
    {
        using var untracked = no_grad();
        ForEachBlock((first, block) =>
        {
            // As libtorch's own layers do it, with the same bits: the bias first, and the product on top of it. A scale belongs to the product only.
            var part = result.narrow(1, first, block.shape[0]);
            var ownBias = bias?.narrow(0, first, block.shape[0]);
            if (ownBias is not null && scales is null)
            {
                part.copy_(ownBias).addmm_(x, block.t(), 1, 1);
                return;
            }

            part.addmm_(x, block.t(), 0, 1);
            if (scales is not null)
            {
                part.mul_(scales.narrow(0, first, block.shape[0]));
            }

            if (ownBias is not null)
            {
                part.Plus_(ownBias);
            }
        });
    }

    internal override Tensor InputGradient(Tensor gradient)
    {
        var sum = empty([gradient.shape[0], inputs], ScalarType.Float32, gradient.device);
        Accumulate(sum, gradient, share: 0);
        return sum;
    }

    internal override void AddInputGradient(Tensor sum, Tensor gradient) => Accumulate(sum, gradient, share: 1);

    internal override Tensor Rows(Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var rows = kept.index_select(0, numbers).to(ScalarType.Float32);
        return (scales is null ? rows : rows.mul_(scales.index_select(0, numbers).unsqueeze(1))).MoveToOuterDisposeScope();
    }

    /// <summary>sum = share · sum + gradient · weight.</summary>
    private void Accumulate(Tensor sum, Tensor gradient, float share)
    {
        using var untracked = no_grad();
        ForEachBlock((first, block) =>
        {
            var part = gradient.narrow(1, first, block.shape[0]);
            sum.addmm_(scales is null ? part : part * scales.narrow(0, first, block.shape[0]), block, first == 0 ? share : 1, 1);
        });
    }

    /// <summary>Goes through the numbers as they are kept, a widened block [rows,in] and the number of its first row at a time.</summary>
    private void ForEachBlock(Action<long, Tensor> use)
    {
        var most = Math.Min(outputs, Math.Max(1, NumbersPerBlock / inputs));
        using var wide = empty([most, inputs], ScalarType.Float32, kept.device);
        for (long first = 0; first < outputs; first += most)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(most, outputs - first);
            use(first, wide.narrow(0, 0, count).copy_(kept.narrow(0, first, count)));
        }
    }
}
