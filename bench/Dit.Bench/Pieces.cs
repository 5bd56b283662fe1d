using BenchmarkDotNet.Attributes;
using Dit.Bench.SideBySide;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Bench;

/// <summary>The inner pieces of a training step and of an answer, at the 60M shape: 8 rows of 48 tokens.</summary>
[MemoryDiagnoser]
public class Pieces : IDisposable
{
    private const string SiteName = "model.layers.0.mlp.up_proj";

    private readonly string file = Path.GetTempFileName();
    private readonly float[] probabilities = new float[32_000];
    private readonly RandomStream random = RandomStream.Named(1, "pieces");
    private Trial trial = null!;
    private Decoder model = null!;
    private DiffStack diffs = null!;
    private Dictionary<string, Tensor> adapter = null!;
    private Adam adam = null!;
    private Tensor x = null!, weight = null!;
    private Overlays overlays = null!;
    private IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms = null!;
    private Teacher teacher = null!;
    private TrainingMemory memory = null!;

    /// <summary>Makes model, factors and a file.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var shape = BenchShape.All["60m"];
        trial = new Trial(shape.Config, shape.Works[0], 0, 1);
        model = new Decoder(trial.Config, trial.Weights().ToDictionary(tensor => tensor.Name, tensor => tensor.Draw(), StringComparer.Ordinal));
        diffs = OurWay.Diffs(trial);
        adapter = OurWay.Adapter(trial);
        adam = new Adam(adapter, new AdamSettings());
        var carried = diffs.Terms();
        terms = model.Sites.ToDictionary(site => site.Name, site => (IReadOnlyList<LowRankTerm>)[.. carried[site.Name], Trained(site.Name + ".lora_A", site.Name + ".lora_B")], StringComparer.Ordinal);
        teacher = new Teacher(model);
        memory = new TrainingMemory();
        overlays = diffs.Overlay().With(model.Sites.ToDictionary(
            site => site.Name, site => (ISiteOverlay)new SharedLowRank(adapter[site.Name + ".lora_A"], adapter[site.Name + ".lora_B"], 1), StringComparer.Ordinal));
        x = randn(trial.Work.Rows, trial.Work.Tokens, trial.Config.HiddenSize);
        weight = model.Weights[SiteName + ".weight"];
        Array.Fill(probabilities, 1f / probabilities.Length);
        SafetensorsWriter.Write(file, model.Weights);

        LowRankTerm Trained(string a, string b) => new(adapter[a], adapter[b], 1, adam.Gradient(a), adam.Gradient(b));
    }

    /// <summary>One linear layer, bare.</summary>
    [Benchmark(Baseline = true)]
    public void SiteBare()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        _ = nn.functional.linear(x, weight);
    }

    /// <summary>The same with a diff for each row and the adapter.</summary>
    [Benchmark]
    public void SiteForward()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        _ = Site();
    }

    /// <summary>Cross-entropy of the answers through the whole model, there and back.</summary>
    [Benchmark]
    public double CrossEntropy()
    {
        return Losses.CrossEntropy(model, trial.Batches()[0].Batch, terms, memory: memory);
    }

    /// <summary>Divergence from the base, the teacher included, there and back.</summary>
    [Benchmark]
    public double Divergence()
    {
        return Losses.DivergenceFromBase(teacher, trial.Batches()[0].Batch, terms, shifted: true, memory: memory);
    }

    /// <summary>The optimizer's step over all factors of an adapter.</summary>
    [Benchmark]
    public void AdamStep() => adam.Step(1e-9);

    /// <summary>One token out of 32,000 equally likely ones, of which 90 % may come.</summary>
    [Benchmark]
    public int Sampling() => TokenSampler.Draw(probabilities, 0.9, random);

    /// <summary>All tensors of a safetensors file of 240 MB.</summary>
    [Benchmark]
    public void SafetensorsReading()
    {
        using var opened = SafetensorsFile.Open(file);
        foreach (var name in opened.Tensors.Keys)
        {
            opened.Load(name).Dispose();
        }
    }

    /// <summary>Frees what was made.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        model?.Dispose();
        diffs?.Dispose();
        adam?.Dispose();
        teacher?.Dispose();
        memory?.Dispose();
        x?.Dispose();
        foreach (var factor in adapter?.Values ?? Enumerable.Empty<Tensor>())
        {
            factor.Dispose();
        }

        File.Delete(file);
        GC.SuppressFinalize(this);
    }

    // As a site of the decoder does it, whose class is its own.
    private Tensor Site()
    {
        var y = nn.functional.linear(x, weight);
        var added = overlays.Apply(SiteName, x)!;
        return y.Plus_(added);
    }
}
