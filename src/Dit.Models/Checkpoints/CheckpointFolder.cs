using System.Text.Json;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>The weights of a Hugging Face model folder: one model.safetensors, or an index with its shards.</summary>
public sealed class CheckpointFolder : IDisposable
{
    internal const string SingleName = "model.safetensors";
    internal const string IndexName = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> files;
    private readonly Dictionary<string, string> fileOf;

    private CheckpointFolder(string folder, Dictionary<string, SafetensorsFile> shards, Dictionary<string, string> shardOf)
    {
        FolderPath = folder;
        files = shards;
        fileOf = shardOf;
    }

    /// <summary>The folder as it was named when opening.</summary>
    public string FolderPath { get; }

    /// <summary>Whether the weights are listed in an index, as those of large models are.</summary>
    public bool IsSharded => !files.ContainsKey(SingleName);

    /// <summary>The names of all weights.</summary>
    public IReadOnlyCollection<string> TensorNames => fileOf.Keys;

    /// <summary>Type and shape of a weight as it is stored, and where it lies in its file.</summary>
    /// <param name="name">One of <see cref="TensorNames"/>.</param>
    /// <exception cref="DitException">There is no such weight.</exception>
    public TensorInfo Info(string name) => FileOf(name).Tensors[name];

    /// <summary>The name of the file that holds a weight.</summary>
    /// <param name="name">One of <see cref="TensorNames"/>.</param>
    /// <exception cref="DitException">There is no such weight.</exception>
    public string FileNameOf(string name) =>
        fileOf.TryGetValue(name, out var file) ? file : throw new DitException($"{FolderPath}: expected a weight '{name}', found {fileOf.Count} others.");

    /// <summary>Opens a folder and checks that every file of it is whole and every weight where the index says.</summary>
    /// <exception cref="DitException">The weights are missing, incomplete or damaged.</exception>
    public static CheckpointFolder Open(string folder)
    {
        var shards = new Dictionary<string, SafetensorsFile>();
        try
        {
            // A single file wins over an index, as it does in transformers.
            if (File.Exists(Path.Combine(folder, SingleName)))
            {
                var file = shards[SingleName] = SafetensorsFile.Open(Path.Combine(folder, SingleName));
                return new CheckpointFolder(folder, shards, file.Tensors.Keys.ToDictionary(n => n, _ => SingleName));
            }

            var index = Path.Combine(folder, IndexName);
            if (!File.Exists(index))
            {
                throw new DitException(NoWeights(folder));
            }

            var shardOf = JsonFile.Read(index, root => ReadIndex(index, root));
            foreach (var (name, shard) in shardOf)
            {
                if (!shards.TryGetValue(shard, out var file))
                {
                    file = shards[shard] = OpenShard(folder, shard);
                }

                if (!file.Tensors.ContainsKey(name))
                {
                    throw new DitException($"{Path.Combine(folder, shard)}: expected the tensor '{name}' that {IndexName} places here, found none.");
                }
            }

            return new CheckpointFolder(folder, shards, shardOf);
        }
        catch
        {
            Close(shards);
            throw;
        }
    }

    /// <summary>The floating-point type that most of the weights' bytes are stored in.</summary>
    /// <exception cref="DitException">None is.</exception>
    public ScalarType MainType() => MainType(fileOf.Keys.Select(Info)) ?? throw new DitException($"{FolderPath}: expected weights of a floating-point type, found none.");

    /// <summary>The same of any weights; null where none is of such a type.</summary>
    internal static ScalarType? MainType(IEnumerable<TensorInfo> weights) => weights.Where(info => PeftFactors.IsFloating(info.Type)).GroupBy(info => info.Type)
        .OrderByDescending(group => group.Sum(info => info.Length)).ThenBy(group => group.Key).FirstOrDefault()?.Key;

    /// <summary>Copies a weight into memory of its own.</summary>
    /// <param name="name">One of <see cref="TensorNames"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <param name="device">Where to; null for the CPU.</param>
    /// <exception cref="DitException">There is no such weight, or too little memory.</exception>
    public Tensor Load(string name, ScalarType? dtype = null, Device? device = null) => FileOf(name).Load(name, dtype, device);

    /// <summary>A weight as it lies in its file where that can be (see <see cref="SafetensorsFile.Map"/>), else as <see cref="Load"/> gives it.</summary>
    /// <param name="name">One of <see cref="TensorNames"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <param name="device">Where to; null for the CPU.</param>
    /// <exception cref="DitException">There is no such weight, or too little memory.</exception>
    public Tensor Map(string name, ScalarType? dtype = null, Device? device = null) => FileOf(name).Map(name, dtype, device);

    /// <summary>The first numbers of a weight, as many as there are up to <paramref name="count"/>, as [n]; no others are read.</summary>
    internal Tensor LoadFirst(string name, long count) => FileOf(name).LoadFirst(name, count);

    /// <summary>Some rows along a weight's first dimension, in memory of their own; no others are read.</summary>
    internal Tensor LoadRows(string name, long first, long count) => FileOf(name).LoadRows(name, first, count);

    /// <summary>Whether two weights are of one type and shape and the same bytes; neither is kept in memory.</summary>
    /// <exception cref="DitException">There is no such weight.</exception>
    internal bool HoldsSame(string name, string otherName) => FileOf(name).HoldsSame(name, FileOf(otherName), otherName);

    /// <inheritdoc/>
    public void Dispose() => Close(files);

    /// <summary>What is wrong with a folder that has neither a single file nor an index, in a sentence.</summary>
    internal static string NoWeights(string folder)
    {
        string[] other = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { IgnoreInaccessible = true }).Select(path => Path.GetFileName(path)).Where(name => Path.GetExtension(name) is ".bin" or ".gguf" or ".pth" or ".pt" or ".h5" or ".msgpack").Order(StringComparer.Ordinal)]
            : [];
        return $"{folder}: expected {SingleName} or {IndexName}, found "
            + (other.Length == 0 ? "neither" : $"only {other[0]}{(other.Length == 1 ? "" : $" and {other.Length - 1} more like it")}, which {(other.Length == 1 ? "is" : "are")} not read; save the model as safetensors");
    }

    private SafetensorsFile FileOf(string name) => files[FileNameOf(name)];

    private static SafetensorsFile OpenShard(string folder, string shard)
    {
        var path = Path.Combine(folder, shard);
        return File.Exists(path)
            ? SafetensorsFile.Open(path)
            : throw new DitException($"{path}: expected this shard because {IndexName} names it, found no such file.");
    }

    internal static Dictionary<string, string> ReadIndex(string path, JsonElement root)
    {
        if (!root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new DitException($"{path}: expected an object 'weight_map' from weights to files, found none.");
        }

        var shardOf = new Dictionary<string, string>();
        foreach (var entry in map.EnumerateObject())
        {
            var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            // Only names of files beside the index: an index must not reach into other folders.
            if (!shard.EndsWith(".safetensors", StringComparison.Ordinal) || shard.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
            {
                throw new DitException($"{path}: expected the name of a .safetensors file for '{entry.Name}', found {entry.Value.GetRawText()}.");
            }

            shardOf.Add(entry.Name, shard);
        }

        return shardOf.Count > 0 ? shardOf : throw new DitException($"{path}: expected weights in 'weight_map', found none.");
    }

    private static void Close(Dictionary<string, SafetensorsFile> shards)
    {
        foreach (var shard in shards.Values)
        {
            shard.Dispose();
        }
    }
}
