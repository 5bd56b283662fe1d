using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>The raw bytes of a tensor in main memory, in pieces, because a span ends at 2 GiB and tensors do not.</summary>
internal static class TensorBytes
{
    private const long PieceBytes = 1L << 24;

    /// <summary>What to do with one piece of a tensor's memory.</summary>
    /// <param name="bytes">The memory itself, not a copy.</param>
    /// <param name="offset">Where the piece begins, in bytes from the tensor's first.</param>
    public delegate void Piece(Span<byte> bytes, long offset);

    /// <summary>Visits the memory of a contiguous tensor on the CPU from its first byte to its last.</summary>
    public static void Visit(Tensor tensor, Piece visit)
    {
        if (tensor.NumberOfElements * tensor.ElementSize <= PieceBytes)
        {
            visit(tensor.bytes, 0);
            return;
        }

        using var scope = NewDisposeScope();
        var flat = tensor.detach().view(-1);
        var size = flat.ElementSize;
        var step = PieceBytes / size;
        for (long first = 0; first < flat.NumberOfElements; first += step)
        {
            using var piece = flat.narrow(0, first, Math.Min(step, flat.NumberOfElements - first));
            visit(piece.bytes, first * size);
        }
    }
}
