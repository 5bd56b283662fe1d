using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>Where one tensor of a file lies and how its bytes are to be read.</summary>
/// <param name="Name">The tensor's name in the file.</param>
/// <param name="Type">The type of its elements as stored.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Length">Number of bytes: the product of the sizes times the element size.</param>
public sealed record TensorInfo(string Name, ScalarType Type, long[] Shape, long Offset, long Length)
{
    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (all, size) => all * size);
}
