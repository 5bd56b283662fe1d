using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Readiness;

/// <summary>The weight files of a model folder: every problem with them, where loading stops at the first.</summary>
internal sealed class WeightsCheck
{
    private const int Shown = 8, Listed = 50;

    private readonly string folder;
    private readonly List<Check> problems = [];
    private readonly List<string> files = [];
    private readonly Dictionary<string, TensorInfo> found = new(StringComparer.Ordinal);
    private readonly HashSet<string> elsewhere = new(StringComparer.Ordinal);

    private WeightsCheck(string folder, ModelConfig? config)
    {
        this.folder = folder;
        ReadFiles();
        // Of files that could not be read at all, that every weight is missing would be no news.
        if (config is not null && files.Count > 0 && (found.Count > 0 || problems.Count == 0))
        {
            Tell(() => Compare(config), folder);
            if (problems.Count == 0)
            {
                // What loading alone looks at, such as a second copy of the embeddings.
                Tell(() => WeightFiles.Open(folder).Dispose());
            }
        }
    }

    /// <summary>Every problem.</summary>
    public IReadOnlyList<Check> Problems => problems;

    /// <summary>The files that hold the weights.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>All weights of the files that could be read.</summary>
    public IReadOnlyCollection<TensorInfo> Weights => found.Values;

    /// <summary>The type that most of the weights' bytes are of; null where there is no floating-point weight.</summary>
    public ScalarType? MainType => CheckpointFolder.MainType(found.Values);

    /// <summary>Looks at the files' headers, not at the numbers behind them.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">What the weights must fit; null where that could not be read.</param>
    public static WeightsCheck Of(string folder, ModelConfig? config) => new(folder, config);

    private void ReadFiles()
    {
        if (File.Exists(PathOf(CheckpointFolder.SingleName)))
        {
            files.Add(CheckpointFolder.SingleName);
            Tell(() => Read(CheckpointFolder.SingleName, placed: null));
            return;
        }

        var index = PathOf(CheckpointFolder.IndexName);
        if (!File.Exists(index))
        {
            Problem(CheckpointFolder.NoWeights(folder));
            return;
        }

        Tell(() =>
        {
            var shardOf = JsonFile.Read(index, root => CheckpointFolder.ReadIndex(index, root));
            foreach (var shard in shardOf.GroupBy(entry => entry.Value, entry => entry.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                files.Add(shard.Key);
                string[] placed = [.. shard];
                if (!File.Exists(PathOf(shard.Key)))
                {
                    Problem($"{PathOf(shard.Key)}: expected this shard because {CheckpointFolder.IndexName} places {placed.Length} weights in it, found no such file");
                    elsewhere.UnionWith(placed);
                }
                else if (!Tell(() => Read(shard.Key, placed)))
                {
                    elsewhere.UnionWith(placed);
                }
            }
        });
    }

    private void Read(string name, string[]? placed)
    {
        var here = placed?.ToHashSet(StringComparer.Ordinal);
        using var file = SafetensorsFile.Open(PathOf(name));
        string[] missing = [.. (placed ?? []).Where(weight => !file.Tensors.ContainsKey(weight))];
        if (missing.Length > 0)
        {
            Problem($"{PathOf(name)}: expected the {placed!.Length} weights that {CheckpointFolder.IndexName} places here, found {missing.Length} of them missing", missing);
            elsewhere.UnionWith(missing);
        }

        foreach (var (weight, info) in file.Tensors.Where(tensor => here is null || here.Contains(tensor.Key)))
        {
            found[weight] = info;
        }
    }

    private void Compare(ModelConfig config)
    {
        var names = NamesOfDecoder(config);
        var unread = elsewhere.Select(WeightNames.Canonical).ToHashSet(StringComparer.Ordinal);
        var needed = Decoder.WeightShapes(config);
        string[] missing = [.. needed.Keys.Where(name => !names.ContainsKey(name) && !unread.Contains(name))];
        if (missing.Length > 0)
        {
            Problem($"{folder}: expected the {needed.Count} weights of a {config.ModelType} model, found {missing.Length} of them missing", missing);
        }

        string[] unknown = [.. names.Keys.Where(name => name != WeightLayout.Head && !needed.ContainsKey(name)).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            Problem($"{folder}: expected only the weights of a {config.ModelType} model, found {unknown.Length} that are not", unknown);
        }

        string[] misshapen = [.. needed.Where(weight => names.TryGetValue(weight.Key, out var stored) && !found[stored].Shape.AsSpan().SequenceEqual(weight.Value))
            .Select(weight => $"{weight.Key} [{string.Join(", ", found[names[weight.Key]].Shape)}] instead of [{string.Join(", ", weight.Value)}]")];
        if (misshapen.Length > 0)
        {
            Problem($"{folder}: expected the shapes that config.json implies, found {misshapen.Length} others", misshapen);
        }

        string[] odd = [.. needed.Keys.Where(name => names.TryGetValue(name, out var stored) && !PeftFactors.IsFloating(found[stored].Type)).Select(name => $"{name} ({found[names[name]].Type})")];
        if (odd.Length > 0)
        {
            Problem($"{folder}: expected floating-point weights, found {odd.Length} others", odd);
        }
    }

    /// <summary>From the decoder's names to those in the files.</summary>
    private IReadOnlyDictionary<string, string> NamesOfDecoder(ModelConfig config) => WeightNames.OfDecoder(found.Keys, config.HasImagePart);

    private string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Whether something could be done; if not, why is one more problem.</summary>
    private bool Tell(Action action, string? where = null)
    {
        try
        {
            action();
            return true;
        }
        catch (DitException e)
        {
            Problem((where is null ? "" : where + ": ") + e.Message);
            return false;
        }
    }

    private void Problem(string sentence, IReadOnlyList<string>? names = null) => problems.Add(
        new Check(CheckOutcome.Failed, "weights", names is null ? sentence : $"{sentence}: {Few(names, Shown)}") { Names = names is null ? [] : [.. names.Take(Listed)] });

    private static string Few(IReadOnlyList<string> names, int shown) => string.Join(", ", names.Take(shown)) + (names.Count > shown ? $" and {names.Count - shown} more" : "");
}
