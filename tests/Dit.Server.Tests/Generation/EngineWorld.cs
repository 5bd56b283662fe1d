using System.Text;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Server.Generation;

/// <summary>The shipped base with random finetunes of it, and what engines are asked and answer.</summary>
public sealed class EngineWorld : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<IDisposable> loaded = [];

    public BaseModel Model { get; } = BaseModel.Load(Path.Combine(Models(), "tiny-base"));

    public DitAdapter Adapter { get; } = DitAdapter.Read(Path.Combine(Models(), "tiny-topic-adapter"));

    public DitAdapter OtherAdapter { get; } = DitAdapter.Read(Path.Combine(Models(), "tiny-news-adapter"));

    /// <summary>A random finetune; it lives as long as this does.</summary>
    public LowRankFinetune Finetune(int seed, int rank = 1, double scaling = 0.5) => Kept(Own(seed, rank, scaling));

    /// <summary>A finetune that never ends an answer by itself.</summary>
    public LowRankFinetune Talkative() => Finetune(100, scaling: 8);

    /// <summary>A random finetune that is the caller's.</summary>
    public LowRankFinetune Own(int seed, int rank = 1, double scaling = 0.5)
    {
        using var scope = NewDisposeScope();
        return LowRankFinetune.Of(Factors(seed, rank, scaling), Model, $"random {seed}");
    }

    /// <summary>A finetune by all its weights that is the caller's.</summary>
    public CheckpointFinetune Checkpoint(int seed)
    {
        var path = Directory.CreateDirectory(folder.File($"checkpoint-{seed}")).FullName;
        foreach (var file in Directory.EnumerateFiles(Model.Folder).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
        }

        using var scope = NewDisposeScope();
        var weights = Model.Decoder.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.clone(), StringComparer.Ordinal);
        foreach (var (site, factors) in Factors(seed, 1, 0.5).Sites)
        {
            weights[site + ".weight"].Plus_(factors.B.mm(factors.A), factors.Scaling);
        }

        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), weights.OrderBy(weight => weight.Key, StringComparer.Ordinal));
        return (CheckpointFinetune)Interpretation.Finetune.Load(path, Model);
    }

    /// <summary>A request of one question.</summary>
    public static AnswerRequest Ask(string question, Finetune? finetune = null, DitAdapter? adapter = null, int tokens = 12, double temperature = 0, ulong seed = 1, double strength = 1) =>
        new(finetune, strength, adapter, [new Message("user", question)], new GenerationSettings(tokens, temperature, temperature == 0 ? 1 : 0.9, seed));

    /// <summary>What the same request gives alone, without an engine.</summary>
    public string Alone(AnswerRequest request) =>
        Interpreter.Answer(Model, [request.Finetune], request.Adapter, [request.Messages], request.Settings)[0];

    /// <summary>All of an answer.</summary>
    public static async Task<(string Text, AnswerEnd? End)> Whole(IAsyncEnumerable<AnswerPiece> answer)
    {
        var (text, end) = (new StringBuilder(), (AnswerEnd?)null);
        await foreach (var piece in answer)
        {
            Assert.Null(end);
            text.Append(piece.Text);
            end = piece.End;
        }

        return (text.ToString(), end);
    }

    public void Dispose()
    {
        loaded.ForEach(each => each.Dispose());
        Model.Dispose();
        folder.Dispose();
    }

    private LowRankFinetune Kept(LowRankFinetune finetune)
    {
        loaded.Add(finetune);
        return finetune;
    }

    private PeftAdapter Factors(int seed, int rank, double scaling) => new(Model.Name, Model.Decoder.Sites.ToDictionary(
        site => site.Name,
        site => new LowRankFactors(
            Random($"{seed}/{site.Name}/A", 1 / Math.Sqrt(site.InFeatures), rank, site.InFeatures), Random($"{seed}/{site.Name}/B", 1, site.OutFeatures, rank), scaling),
        StringComparer.Ordinal));

    private static Tensor Random(string name, double deviation, params long[] shape)
    {
        var random = RandomStream.Named(7, name);
        return tensor(Enumerable.Range(0, (int)shape.Aggregate((product, size) => product * size)).Select(_ => (float)(deviation * random.NextGaussian())).ToArray(), shape);
    }

    private static string Models()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here.FullName, "dit.slnx")))
        {
            here = here.Parent ?? throw new InvalidOperationException("The tests must run below the here of dit.slnx.");
        }

        return Path.Combine(here.FullName, "models");
    }
}
