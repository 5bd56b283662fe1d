using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>A tensor that is made only when its turn to be written has come, so that a large file never has to be in memory.</summary>
/// <param name="Name">The name it will have in the file.</param>
/// <param name="Type">The type it will have.</param>
/// <param name="Shape">The shape it will have.</param>
/// <param name="Make">Makes it, on any device; it is disposed when written, with everything else that was made on the way.</param>
public sealed record PendingTensor(string Name, ScalarType Type, long[] Shape, Func<Tensor> Make)
{
    /// <summary>How many bytes it takes in a file.</summary>
    /// <exception cref="ArgumentException">The format has no such type.</exception>
    public long Bytes =>
        Shape.Aggregate(1L, (product, size) => product * size) * (SafetensorsTypes.Find(Type)?.Size ?? throw new ArgumentException($"Safetensors cannot hold {Type}."));
}
