using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Checkpoints.Torch;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>All weights of a finetuned model out of a torch file. They are the weights themselves, not their differences to the base's.</summary>
public static class StateDict
{
    /// <summary>The weights as a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="item">An item of it that is a whole model.</param>
    /// <param name="config">The settings of the base, which are the finetune's too.</param>
    /// <param name="dtype">The type to compute in.</param>
    /// <param name="device">Where to compute; null for the CPU.</param>
    /// <param name="kept">How its matrices are kept; in fewer bits only where float32 is computed in.</param>
    /// <exception cref="DitException">A weight is missing, unknown, or of another shape.</exception>
    public static Decoder Load(
        WeightDiffFile file, WeightDiffItem item, ModelConfig config, ScalarType dtype, Device? device = null, KeptWeights kept = KeptWeights.AsComputed)
    {
        using var normal = inference_mode(false);
        using var scope = NewDisposeScope();
        var found = Find(file, item, config);
        try
        {
            var under = KeptTensors.Under(dtype, kept);
            return new Decoder(config, found.SelectMany(weight => Kept(weight.Key, weight.Value, under)).ToDictionary(StringComparer.Ordinal));
        }
        catch (DitException e)
        {
            throw new DitException($"{file.FilePath}: {e.Message}", e);
        }

        IEnumerable<KeyValuePair<string, Tensor>> Kept(string name, TorchTensor stored, KeptWeights under)
        {
            Tensor? loaded = null; // Such a file is read a tensor at a time.
            return KeptTensors.Of(
                name,
                stored.Shape,
                under,
                dtype,
                device ?? CPU,
                whole: wanted => file.Load(stored, wanted).to(device ?? CPU),
                rows: (first, count) => (loaded ??= file.Load(stored).MoveToOuterDisposeScope()).narrow(0, first, count));
        }
    }

    /// <summary>The weights of the decoder by their names in it, checked but not loaded.</summary>
    /// <exception cref="DitException">A weight is missing, unknown, or of another shape.</exception>
    public static IReadOnlyDictionary<string, TorchTensor> Find(WeightDiffFile file, WeightDiffItem item, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(config);
        var stored = item.WeightDiff.Entries.ToDictionary(entry => (string)entry.Key, entry => (TorchTensor)entry.Value!, StringComparer.Ordinal);
        try
        {
            var names = WeightNames.OfDecoder(stored.Keys, config.HasImagePart);
            WeightLayout.CheckNames(config, names.Keys);
            RequireTied(config, names, stored, file);

            // Before anything is loaded: a wrong shape may be a very large one.
            var shapes = WeightLayout.Shapes(config).ToArray();
            WeightLayout.CheckShapes(shapes, name => stored[names[name]].Shape);
            return shapes.ToDictionary(weight => weight.Key, weight => Floating(weight.Key, stored[names[weight.Key]]), StringComparer.Ordinal);
        }
        catch (DitException e)
        {
            throw new DitException($"{file.FilePath}: {e.Message}", e);
        }
    }

    private static TorchTensor Floating(string name, TorchTensor tensor) => tensor.Type is ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float64
        ? tensor
        : throw new DitException($"{name}: expected floating-point numbers, found {tensor.Type}");

    /// <summary>Where the output head is the embeddings, a state dict holds both, and they have to be the same.</summary>
    private static void RequireTied(ModelConfig config, IReadOnlyDictionary<string, string> names, Dictionary<string, TorchTensor> stored, WeightDiffFile file)
    {
        if (!config.TiedEmbeddings || !names.TryGetValue(WeightLayout.Head, out var head) || !names.TryGetValue(WeightLayout.Embedding, out var embedding))
        {
            return;
        }

        using var scope = NewDisposeScope();
        var (one, other) = (stored[head], stored[embedding]);
        var same = one.Storage == other.Storage && one.Offset == other.Offset && one.Shape.AsSpan().SequenceEqual(other.Shape) && one.Strides.AsSpan().SequenceEqual(other.Strides);
        if (!same && (!one.Shape.AsSpan().SequenceEqual(other.Shape) || file.Load(one).ne(file.Load(other)).any().item<bool>()))
        {
            throw new DitException($"{WeightLayout.Head}: expected the embeddings, which are the output head of this base, found other numbers");
        }
    }
}
