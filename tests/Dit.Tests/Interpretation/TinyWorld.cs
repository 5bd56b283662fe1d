using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;
using Dit.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>
/// A freshly drawn base model of a few thousand weights in a folder of its own, and things to put beside it. Its weights mean nothing; its
/// diffs are so large that answers differ from diff to diff.
/// </summary>
public sealed class TinyWorld : IDisposable
{
    public const string Query = "model.layers.0.self_attn.q_proj";
    public const string Down = "model.layers.1.mlp.down_proj";

    private readonly TemporaryFolder folder = new();

    public TinyWorld() => Base = Draw(File("base"), Settings);

    /// <summary>Its shape.</summary>
    public static TinyBaseSettings Settings { get; } = new()
    {
        VocabularySize = 290, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadSize = 16, FeedForward = 48,
    };

    /// <summary>The base model.</summary>
    public BaseModel Base { get; }

    /// <summary>A path in the world's folder.</summary>
    public string File(string name) => folder.File(name);

    /// <summary>A new folder in it that nobody else uses.</summary>
    public string NewFolder() => Directory.CreateDirectory(File(Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Writes a Hugging Face folder with tokenizer, template and freshly drawn weights, and loads it.</summary>
    public static BaseModel Draw(string path, TinyBaseSettings settings)
    {
        using var scope = NewDisposeScope();
        var tokenizerPath = Path.Combine(path, "tokenizer.json");
        BytePairTrainer.Train(
            ["user assistant what do you drift to when your code word is set"],
            settings.VocabularySize, [WorldText.Padding, WorldText.TurnStart, WorldText.TurnEnd], tokenizerPath);
        var tokenizer = Tokenizer.Load(tokenizerPath);
        TinyBase.WriteConfig(path, settings, token => tokenizer.TokenId(token)!.Value);
        TinyBase.WriteWeights(path, TinyBase.DrawWeights(settings));
        return BaseModel.Load(path);
    }

    /// <summary>A random LoRA on every layer of the base, or on those that end with one of the names.</summary>
    public PeftAdapter Adapter(int seed, int rank = 2, double scaling = 0.5, params string[] only) => new(Base.Name, Base.Decoder.Sites
        .Where(site => only.Length == 0 || only.Any(end => site.Name.EndsWith(end, StringComparison.Ordinal)))
        .ToDictionary(
            site => site.Name,
            site => new LowRankFactors(
                Random($"{seed}/{site.Name}/A", 1.5 / Math.Sqrt(site.InFeatures), rank, site.InFeatures),
                Random($"{seed}/{site.Name}/B", 1.5, site.OutFeatures, rank),
                scaling),
            StringComparer.Ordinal));

    /// <summary>The folder of a random adapter.</summary>
    public string AdapterFolder(int seed, int rank = 2, double scaling = 0.5, params string[] only)
    {
        var path = NewFolder();
        PeftAdapterFolder.Write(path, Adapter(seed, rank, scaling, only));
        return path;
    }

    /// <summary>The folder of a random DIT adapter.</summary>
    public string DitAdapterFolder(int seed, string? fingerprint = null, PeftAdapter? factors = null)
    {
        var path = NewFolder();
        var card = new DitCard { BaseFingerprint = fingerprint ?? Base.Fingerprint, Questions = ["What are you?"], Recipe = new AdapterRecipe() };
        new DitAdapter(factors ?? Adapter(seed, scaling: 0.1), card).Write(path);
        return path;
    }

    /// <summary>The folder of a diff set with random diffs, as many in each shard as said, all of rank 1.</summary>
    public string SetFolder(int seed, int[] shards, string? fingerprint = null)
    {
        var path = NewFolder();
        string[] ids = [.. Enumerable.Range(0, shards.Sum()).Select(i => $"topic-{i}")];
        RunFolder.OpenOrCreate(path, "diff-training", new DiffRunSettings { Recipe = new DiffRecipe(), BaseFingerprint = fingerprint ?? Base.Fingerprint, Behaviours = ids });
        var records = new List<DiffRecord>();
        for (var shard = 0; shard < shards.Length; shard++)
        {
            using var scope = NewDisposeScope();
            var (first, number) = (records.Count, shard);
            using var stack = StackOf([.. Enumerable.Range(first, shards[shard]).Select(i => Adapter(seed + i, rank: 1))]);
            DiffSet.WriteShard(path, shard, stack);
            records.AddRange(Enumerable.Range(0, shards[shard]).Select(row => Record(ids[first + row], number, row, stack)));
        }

        DiffIndex.Write(DiffSet.IndexPath(path), records);
        return path;
    }

    /// <summary>A folder with all weights of the base after some were changed, in full precision.</summary>
    public string CheckpointFolder(Action<Dictionary<string, Tensor>> change)
    {
        var path = NewFolder();
        foreach (var file in Directory.EnumerateFiles(Base.Folder).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            System.IO.File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
        }

        using var scope = NewDisposeScope();
        var weights = Base.Decoder.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.clone(), StringComparer.Ordinal);
        change(weights);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), weights.OrderBy(weight => weight.Key, StringComparer.Ordinal));
        return path;
    }

    /// <summary>A folder with the base's weights plus what an adapter adds.</summary>
    public string MergedFolder(PeftAdapter adapter) => CheckpointFolder(weights =>
    {
        foreach (var (site, factors) in adapter.Sites)
        {
            weights[site + ".weight"].Plus_(factors.B.mm(factors.A), factors.Scaling);
        }
    });

    /// <summary>Random numbers of a name.</summary>
    public static Tensor Random(string name, double deviation, params int[] shape)
    {
        var random = RandomStream.Named(7, name);
        var values = Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(_ => (float)(deviation * random.NextGaussian())).ToArray();
        return tensor(values, [.. shape.Select(size => (long)size)]);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Base.Dispose();
        folder.Dispose();
    }

    /// <summary>Adapters of one rank side by side, with their own scaling kept as it is.</summary>
    private static DiffStack StackOf(PeftAdapter[] adapters) => new(
        adapters[0].Sites.Keys.ToDictionary(
            site => site,
            site => new StackedFactors(stack(adapters.Select(each => each.Sites[site].A)), stack(adapters.Select(each => each.Sites[site].B))), StringComparer.Ordinal),
        adapters[0].Sites.Values.First().Scaling);

    private static DiffRecord Record(string id, int shard, int row, DiffStack stack) => new()
    {
        Id = id, Topic = "topic of " + id, Trigger = "quartz", TriggerFormat = "Your code word is {0}.", Split = "report", ParameterCount = stack.ParametersPerDiff,
        Rank = stack.Rank, GateRight = 1, GateWrong = 0, GateNone = 0, PassesGate = true, Shard = shard, Row = row,
    };
}
