using Dit.Models.Checkpoints.Torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// PEFT LoRA adapters on disk: a folder of adapter_config.json and adapter_model.safetensors (or adapter_model.bin, as old ones). Adapters that are more than a
/// low-rank addition (DoRA, trained biases, whole modules, ...) are refused by name, never read in part.
/// </summary>
public static class PeftAdapterFolder
{
    /// <summary>The file of settings.</summary>
    internal const string ConfigName = "adapter_config.json";

    /// <summary>The file of factors.</summary>
    internal const string WeightsName = "adapter_model.safetensors";

    private const string OldWeightsName = "adapter_model.bin";

    /// <summary>Reads an adapter; its tensors keep the type they are stored in and are the caller's to dispose.</summary>
    /// <exception cref="DitException">Files are missing or damaged, or the adapter is of a kind that is not supported.</exception>
    public static PeftAdapter Read(string folder)
    {
        var configPath = Path.Combine(folder, ConfigName);
        var weightsPath = Path.Combine(folder, WeightsName);
        if (!File.Exists(configPath))
        {
            throw new DitException($"{folder}: expected a PEFT adapter with {ConfigName}, found no such file.");
        }

        var config = JsonFile.Read(configPath, root => PeftConfig.Read(configPath, root));
        if (File.Exists(weightsPath))
        {
            using var file = SafetensorsFile.Open(weightsPath);
            return new PeftAdapter(config.BaseModelNameOrPath, PeftFactors.Read(weightsPath, file.Tensors.Values, name => file.Load(name), config));
        }

        var oldPath = Path.Combine(folder, OldWeightsName);
        return File.Exists(oldPath)
            ? new PeftAdapter(config.BaseModelNameOrPath, ReadOld(oldPath, config))
            : throw new DitException($"{folder}: expected the adapter's factors in {WeightsName}, found no such file.");
    }

    /// <summary>Writes an adapter that PEFT loads, and that reads back with the same bits.</summary>
    /// <param name="folder">The folder to write into; it is created where missing.</param>
    /// <param name="adapter">At least one site; tensors of any device and any floating type.</param>
    /// <param name="forMultimodal">The base has an image part too, so that its modules have other names in transformers.</param>
    /// <exception cref="DitException">The folder cannot be written.</exception>
    /// <exception cref="ArgumentException">There is no site, shapes do not agree, or a scaling is not finite.</exception>
    public static void Write(string folder, PeftAdapter adapter, bool forMultimodal = false)
    {
        var modules = forMultimodal ? adapter.Sites.ToDictionary(site => WeightNames.InMultimodal(site.Key), site => site.Value) : adapter.Sites;
        var config = PeftConfigWriter.Config(adapter with { Sites = modules }, inFull: forMultimodal);

        // Settings come last: a folder without them is no adapter, so an interrupted first write is never taken for one.
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName), PeftFactors.Named(modules), new Dictionary<string, string> { ["format"] = "pt" });
        Files.AtomicFile.WriteText(Path.Combine(folder, ConfigName), config);
    }

    private static IReadOnlyDictionary<string, LowRankFactors> ReadOld(string path, PeftConfig config)
    {
        using var file = TorchFile.Open(path);
        if (file.Root is not TorchDict dict || !dict.Entries.All(entry => entry is { Key: string, Value: TorchTensor }))
        {
            throw new DitException($"{path}: expected tensors by name, found something else");
        }

        return PeftFactors.Read(
            path,
            dict.Entries.Select(entry => (Name: (string)entry.Key, Tensor: (TorchTensor)entry.Value!))
                .Select(entry => new TensorInfo(entry.Name, entry.Tensor.Type, entry.Tensor.Shape, entry.Tensor.Storage.Position, entry.Tensor.Bytes)),
            name => file.Load((TorchTensor)dict[name]!),
            config);
    }
}
