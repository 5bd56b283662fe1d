using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Where the passes of a training, one after another, keep what they need on the way back: in one block that every pass uses anew. Kept one by one between
/// what comes and goes, activations leave holes in memory in which the next ones do not fit, and a training takes twice what it keeps.
/// </summary>
/// <param name="recomputes">Whether of each layer only its input is kept and the rest computed a second time on the way back (gradient checkpointing).</param>
public sealed class TrainingMemory(bool recomputes = false) : IDisposable
{
    // In a computer's own memory what is not touched takes none, so room for longer rows costs nothing there.
    private const double Growth = 1.5;

    // 64 bytes, at which libtorch aligns its tensors too.
    private const long Alignment = 16;

    private Tensor? block;
    private long used, missing;
    private bool taken;

    /// <summary>Whether activations are computed a second time rather than kept.</summary>
    public bool Recomputes => recomputes;

    /// <inheritdoc/>
    public void Dispose()
    {
        block?.Dispose();
        block = null;
    }

    /// <summary>A tensor with no numbers in it yet, from the block as far as that goes. It is good until the pass ends.</summary>
    /// <param name="memory">Null stands for memory of its own.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="like">Whose type and device it has.</param>
    internal static Tensor New(TrainingMemory? memory, long[] shape, Tensor like) =>
        memory?.FromBlock(shape, like) ?? empty(shape, like.dtype, like.device);

    /// <summary>Begins a pass: all that the one before kept is gone.</summary>
    /// <exception cref="InvalidOperationException">The one before has not ended.</exception>
    internal void Begin(ScalarType type, Device device)
    {
        if (taken)
        {
            throw new InvalidOperationException("a pass began before the one before it had ended");
        }

        if (missing > 0)
        {
            block?.Dispose();
            CpuTuning.GiveBackFreedMemory();
            block = empty([(long)((used + missing) * (device.type == DeviceType.CPU ? Growth : 1))], type, device).DetachFromDisposeScope();
        }

        (taken, used, missing) = (true, 0, 0);
    }

    /// <summary>Ends a pass.</summary>
    internal void End() => taken = false;

    private Tensor? FromBlock(long[] shape, Tensor like)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var room = (count + Alignment - 1) / Alignment * Alignment;
        if (block is null || used + room > block.numel() || block.dtype != like.dtype)
        {
            missing += room;
            return null;
        }

        used += room;
        return block.narrow(0, used - room, count).view(shape);
    }
}
