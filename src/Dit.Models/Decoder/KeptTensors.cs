using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The tensors in which a decoder keeps its weights, out of whatever holds them.</summary>
public static class KeptTensors
{
    /// <summary>One weight: itself, and beside an int8 one its scales.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="kept">How matrices are kept.</param>
    /// <param name="type">The type computed in.</param>
    /// <param name="device">Where it is to be.</param>
    /// <param name="whole">The weight in a type, there.</param>
    /// <param name="rows">Rows of it from a first one on, on the CPU, as they are stored.</param>
    /// <exception cref="DitException">It has numbers that cannot be kept so.</exception>
    internal static IEnumerable<KeyValuePair<string, Tensor>> Of(
        string name, long[] shape, KeptWeights kept, ScalarType type, Device device, Func<ScalarType, Tensor> whole, Func<long, long, Tensor> rows)
    {
        if (shape.Length < 2 || kept == KeptWeights.AsComputed)
        {
            return [new(name, whole(type))];
        }

        if (kept == KeptWeights.Int8)
        {
            var (numbers, scales) = Int8Rows.Round(name, shape, rows);
            return [new(name, numbers.to(device)), new(WeightLayout.ScaleOf(name), scales.to(device))];
        }

        var narrow = whole(kept.Type()!.Value);
        // Larger ones than float16 has become infinite. A type that has them all is not looked through, which would read the whole file.
        return kept != KeptWeights.Float16 || RowPieces.IsFinite(narrow)
            ? [new(name, narrow)]
            : throw new DitException($"{name}: expected numbers that float16 can hold, up to 65504, found larger ones; keep them in bfloat16.");
    }

    /// <summary>Bytes of all tensors of a model that computes in float32, with the block that is widened where matrices are kept in fewer bits.</summary>
    public static long Bytes(ModelConfig config, KeptWeights kept)
    {
        var shapes = WeightLayout.Shapes(config).ToLookup(weight => weight.Value.Length == 2, weight => weight.Value);
        var matrices = shapes[true].Select(shape => shape[0] * shape[1]).ToArray();
        var scales = kept == KeptWeights.Int8 ? shapes[true].Sum(shape => shape[0]) : 0;
        var block = kept == KeptWeights.AsComputed ? 0 : Math.Min(NarrowWeight.NumbersPerBlock, matrices.Max());
        return (matrices.Sum() * (kept.Type() ?? ScalarType.Float32).ElementSize()) + ((shapes[false].Sum(shape => shape[0]) + scales + block) * ScalarType.Float32.ElementSize());
    }

    /// <summary>How matrices are kept where a type is computed in, or a refusal.</summary>
    /// <exception cref="DitException">They cannot be kept so under that type.</exception>
    internal static KeptWeights Under(ScalarType type, KeptWeights kept) => kept == KeptWeights.AsComputed || kept.Type() == type ? KeptWeights.AsComputed
        : type == ScalarType.Float32 ? kept
        : throw new DitException($"weights: expected float32 to compute in where they are kept in {kept.Name()}, found {type.Name()}.");
}
