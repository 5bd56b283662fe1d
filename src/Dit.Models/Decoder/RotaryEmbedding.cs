using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Cosines and sines of one forward pass, [T,d], or [B,T,1,d] where each row has positions of its own. The first half of the sines is negated.</summary>
internal readonly record struct Rotation(Tensor Cos, Tensor Sin)
{
    /// <summary>
    /// Turns x [B,T,heads,d] by its positions. Hugging Face pairs element i with i + d/2, so turning is x·cos plus the halves
    /// changed over, of which the first is negated, times sin.
    /// </summary>
    internal Tensor Turn(Tensor x) => (x * Cos).addcmul(x.roll(x.shape[^1] / 2, -1), Sin, 1);
}

/// <summary>The rotary embedding's tables, made once and again only when a longer text comes.</summary>
internal sealed class RotaryEmbedding(ModelConfig config, ScalarType type, Device device) : IDisposable
{
    private readonly Lock growing = new();
    private Rotation table;
    private int length;

    /// <summary>Positions 0 .. count-1 for all rows, shaped [T,1,d] to go with [B,T,heads,d].</summary>
    internal Rotation First(long count)
    {
        var whole = Table(count);
        return new Rotation(whole.Cos.narrow(0, 0, count), whole.Sin.narrow(0, 0, count));
    }

    /// <summary>Positions [B,T], each below <paramref name="bound"/>, shaped [B,T,1,d].</summary>
    internal Rotation At(Tensor positions, long bound)
    {
        var whole = Table(bound);
        var flat = positions.flatten();
        long[] shape = [positions.shape[0], positions.shape[1], 1, config.HeadSize];
        return new Rotation(whole.Cos.index_select(0, flat).view(shape), whole.Sin.index_select(0, flat).view(shape));
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
        var half = config.HeadSize / 2;
        var frequencies = tensor((float)config.RopeTheta).pow(arange(0, half, ScalarType.Float32).div(half)).reciprocal();
        var angles = outer(arange(0, count, ScalarType.Float32), frequencies);
        var (cosines, sines) = (angles.cos(), angles.sin());
        return new Rotation(
            cat([cosines, cosines], 1).to(type, device).view(count, 1, 2 * half).DetachFromDisposeScope(),
            cat([sines.neg(), sines], 1).to(type, device).view(count, 1, 2 * half).DetachFromDisposeScope());
    }
}
