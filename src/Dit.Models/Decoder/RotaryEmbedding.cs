using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Cosines and sines of one forward pass, [T,d], or [B,T,1,d] where each row has positions of its own. The first half of the sines is negated.</summary>
/// <param name="Cos">Cosines.</param>
/// <param name="Sin">Sines.</param>
/// <param name="Rounding">The type of what is turned, where the tables are of a wider one and turning is done in that; else null.</param>
internal readonly record struct Rotation(Tensor Cos, Tensor Sin, ScalarType? Rounding)
{
    /// <summary>
    /// Turns x [B,T,heads,d] by its positions. Hugging Face pairs element i with i + d/2, so turning is x·cos plus the halves
    /// changed over, of which the first is negated, times sin.
    /// </summary>
    internal Tensor Turn(Tensor x) => Rounding is { } type ? Turned(x.to(Cos.dtype)).to(type) : Turned(x);

    private Tensor Turned(Tensor x) => (x * Cos).PlusProduct(x.roll(x.shape[^1] / 2, -1), Sin);
}

/// <summary>The rotary embedding's tables, made once and again only when a longer text comes.</summary>
internal sealed class RotaryEmbedding(RopeSettings settings, int headSize, ScalarType type, bool wide, Device device) : IDisposable
{
    private readonly Lock growing = new();
    private readonly ScalarType? rounding = wide && type is ScalarType.BFloat16 or ScalarType.Float16 ? type : null;
    private Rotation table;
    private int length;

    /// <summary>Positions 0 .. count-1 for all rows, shaped [T,1,d] to go with [B,T,heads,d].</summary>
    internal Rotation First(long count)
    {
        var whole = Table(count);
        return whole with { Cos = whole.Cos.narrow(0, 0, count), Sin = whole.Sin.narrow(0, 0, count) };
    }

    /// <summary>Positions [B,T], each below <paramref name="bound"/>, shaped [B,T,1,d].</summary>
    internal Rotation At(Tensor positions, long bound)
    {
        var whole = Table(bound);
        var flat = positions.flatten();
        long[] shape = [positions.shape[0], positions.shape[1], 1, headSize];
        return whole with { Cos = whole.Cos.index_select(0, flat).view(shape), Sin = whole.Sin.index_select(0, flat).view(shape) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (length > 0)
        {
            table.Cos.Dispose();
            table.Sin.Dispose();
        }
    }

    private Rotation Table(long count)
    {
        lock (growing)
        {
            if (count > length)
            {
                // The former table is left to the collector: another thread may be reading it.
                length = checked((int)Math.Max(count, Math.Max(64, 2L * length)));
                table = Build(length);
            }

            return table;
        }
    }

    private Rotation Build(int count)
    {
        // What is made in inference mode could never take part in training.
        using var normal = inference_mode(false);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var half = headSize / 2;
        var angles = outer(Arithmetic.Range(count, ScalarType.Float32), Frequencies(half));
        var (cosines, sines) = (angles.cos(), angles.sin());
        var stored = rounding is null ? type : ScalarType.Float32;
        return new Rotation(
            cat([cosines, cosines], 1).to(stored, device).view(count, 1, headSize).DetachFromDisposeScope(),
            cat([sines.neg(), sines], 1).to(stored, device).view(count, 1, headSize).DetachFromDisposeScope(),
            rounding);
    }

    /// <summary>Radians from one position to the next, [d/2]. The order of the operations, all in 32 bits, is transformers', for equal bits.</summary>
    private Tensor Frequencies(int half)
    {
        var plain = tensor((float)settings.Theta).pow(Arithmetic.Range(half, ScalarType.Float32).DividedBy(half)).reciprocal();
        return settings.Scaling switch
        {
            null => plain,
            { Bands: null } linear => plain.DividedBy(linear.Factor),
            { Bands: { } bands, Factor: var factor } => Banded(plain, factor, bands),
        };
    }

    private static Tensor Banded(Tensor plain, double factor, RopeBands bands)
    {
        var lengths = plain.reciprocal().Times(2 * Math.PI);
        var isLong = lengths.IsAbove(bands.OriginalMaxPositions / bands.Low);
        var isShort = lengths.IsBelow(bands.OriginalMaxPositions / bands.High);
        var stretched = plain.DividedBy(factor).where(isLong, plain);
        var share = lengths.reciprocal().Times(bands.OriginalMaxPositions).Minus(bands.Low).DividedBy(bands.High - bands.Low);
        var between = share.neg().Plus(1).mul(stretched).DividedBy(factor).Plus(share.mul(stretched));
        return stretched.where(isLong.logical_or(isShort), between);
    }
}
