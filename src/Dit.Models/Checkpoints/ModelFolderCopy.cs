using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Files;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// A Hugging Face model folder with other numbers: the same files beside the weights, the same names in the same shards. Weights are made one
/// at a time.
/// </summary>
public static class ModelFolderCopy
{
    private const string ConfigName = "config.json";

    // What says how the model is used. A README would praise another model than the one it lies beside.
    private static readonly string[] Endings = [".json", ".jinja", ".model", ".txt"];
    private static readonly string[] Beginnings = ["LICENSE", "NOTICE", "USE_POLICY"];
    private static readonly string[] LeftOut = ["README", "adapter_", "dit-"];

    // In the older and the newer layout of config.json.
    private static readonly string[] TypeSettings = ["torch_dtype", "dtype"];

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the copy into a folder, which the caller gives its name when all is well (see <see cref="AtomicFolder"/>).</summary>
    /// <param name="folder">The folder to write into.</param>
    /// <param name="source">The folder it is made like.</param>
    /// <param name="weights">Gives what to write for each weight of the source: name and shape as they are there, the type perhaps another.</param>
    /// <param name="dtype">The type that config.json is to name; null leaves it as it is.</param>
    /// <exception cref="DitException">A file cannot be read or written.</exception>
    public static void Fill(string folder, CheckpointFolder source, Func<TensorInfo, PendingTensor> weights, ScalarType? dtype = null)
    {
        foreach (var file in Directory.EnumerateFiles(source.FolderPath).Where(IsCopied))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        if (dtype is { } type)
        {
            AtomicFile.WriteText(Path.Combine(folder, ConfigName), WithType(Path.Combine(source.FolderPath, ConfigName), type.Name()));
        }

        WriteWeights(folder, source, weights);
    }

    private static bool IsCopied(string path)
    {
        var name = Path.GetFileName(path);
        return Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            || (Endings.Contains(Path.GetExtension(name), StringComparer.Ordinal) && !name.EndsWith(".index.json", StringComparison.Ordinal)
                && !LeftOut.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)));
    }

    private static void WriteWeights(string folder, CheckpointFolder source, Func<TensorInfo, PendingTensor> weights)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        long bytes = 0;
        foreach (var shard in source.TensorNames.GroupBy(source.FileNameOf, StringComparer.Ordinal))
        {
            var pending = shard.Select(name => weights(source.Info(name))).ToList();
            SafetensorsWriter.WritePending(Path.Combine(folder, shard.Key), pending, metadata);
            bytes += pending.Sum(tensor => tensor.Bytes);
        }

        if (source.IsSharded)
        {
            var index = new JsonObject();
            foreach (var name in source.TensorNames.Order(StringComparer.Ordinal))
            {
                index.Add(name, source.FileNameOf(name));
            }

            var whole = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = bytes }, ["weight_map"] = index };
            AtomicFile.WriteText(Path.Combine(folder, CheckpointFolder.IndexName), whole.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>The settings with another type wherever they name one, also in those of a multimodal model's parts.</summary>
    private static string WithType(string path, string type) => JsonFile.Read(path, root =>
    {
        var config = JsonObject.Create(root)!;
        var named = Rename(config, type);
        if (!named)
        {
            config["torch_dtype"] = type; // Every version of transformers reads this name.
        }

        return config.ToJsonString(Indented) + "\n";
    });

    private static bool Rename(JsonObject config, string type)
    {
        var named = false;
        foreach (var setting in TypeSettings.Where(config.ContainsKey))
        {
            config[setting] = type;
            named = true;
        }

        foreach (var part in config.Where(setting => setting.Key.EndsWith("_config", StringComparison.Ordinal)).Select(setting => setting.Value).OfType<JsonObject>().ToList())
        {
            Rename(part, type);
        }

        return named;
    }
}
