using System.Text.Json;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Text;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>A training of the reference implementation, step by step, and how closely it is to be followed.</summary>
internal sealed class GoldenTrace
{
    // At the first step the gradient of the factors beside a zero factor is zero up to rounding, as case.json notes.
    private const double NoGradient = 1e-5;

    private readonly string folder;

    public GoldenTrace(string folder)
    {
        this.folder = folder;
        Trace = Json("trace.json");
        Tolerances = Json("case.json").GetProperty("tolerances").GetProperty("suggested");
        ParameterOrder = [.. Trace.GetProperty("parameter_order").EnumerateArray().Select(name => name.GetString()!)];
    }

    public JsonElement Trace { get; }

    /// <summary>Names of the parameters as the reference calls them, in the order of the norms.</summary>
    public string[] ParameterOrder { get; }

    public double LearningRate => Trace.GetProperty("optimizer").GetProperty("lr").GetDouble();

    public IEnumerable<JsonElement> Sequence => Trace.GetProperty("sequence").EnumerateArray();

    private JsonElement Tolerances { get; }

    /// <summary>Folders of the traces of one training, told by what their trace.json holds.</summary>
    public static TheoryData<string> Cases(string property) =>
    [
        .. GoldenFolder.Cases("training-parity").Where(folder => File.Exists(Path.Combine(folder, "trace.json"))
            && new GoldenTrace(folder).Trace.TryGetProperty(property, out _)),
    ];

    /// <summary>A file or folder that the trace names, as seen from the golden folder's root.</summary>
    public string FromRoot(string property) => Path.Combine(folder, "..", "..", Trace.GetProperty(property).GetString()!);

    public Decoder LoadBase() => Decoder.Load(FromRoot("base"));

    /// <summary>The tokenizer that the trace names, with its chat template, where templates of published models are at hand.</summary>
    public ChatTokenizer TokenizerOrSkip()
    {
        var tokenizers = GoldenFolder.WithPublishedTemplates("tokenizers");
        Assert.SkipWhen(tokenizers is null, "templates of published models are not here");
        return ChatTokenizer.Load(Path.Combine(tokenizers, "..", Trace.GetProperty("tokenizer").GetString()!));
    }

    public string PathOf(string file) => Path.Combine(folder, file);

    public Dictionary<string, Tensor> Tensors(string file) => ReadTensors(PathOf(file));

    public static Dictionary<string, Tensor> ReadTensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Keys.ToDictionary(name => name, name => file.Load(name));
    }

    /// <summary>The batches of inputs.safetensors, in their order, with padding that counts where it has labels.</summary>
    public TokenBatch[] Batches()
    {
        var inputs = Tensors("inputs.safetensors");
        return [.. inputs.Keys.Select(name => name.Split('.')[0]).Distinct().Order(StringComparer.Ordinal).Select(name => Batch(inputs, name))];
    }

    /// <summary>The final factors as safetensors, which stand beside the .pt file that a case names.</summary>
    public static Dictionary<string, Tensor> ReadFinal(string pickled) => ReadTensors(Path.Combine(Path.GetDirectoryName(pickled)!, "final.safetensors"));

    /// <summary>All diffs of a .pt file, read from the safetensors beside it.</summary>
    public static DiffStack ReadDiffs(string pickled, double multiplier)
    {
        var saved = ReadFinal(pickled);
        return new DiffStack(StackedFactors(saved), multiplier / saved.First(factor => factor.Key.EndsWith(".A", StringComparison.Ordinal)).Value.shape[1]);
    }

    /// <summary>The reference's A [task, rank, out] and B [task, in, rank] as dit stacks them.</summary>
    public static Dictionary<string, StackedFactors> StackedFactors(Dictionary<string, Tensor> saved) => saved.Keys.Select(name => name[..^2]).Distinct().ToDictionary(
        site => site, site => new StackedFactors(saved[site + ".B"].transpose(1, 2).contiguous(), saved[site + ".A"].transpose(1, 2).contiguous()));

    /// <summary>The names under which dit keeps the reference's A and B: the reference's A is what dit and PEFT call lora_B.</summary>
    public static string OurName(string reference) => reference[..^1] + (reference[^1] == 'A' ? "lora_B" : "lora_A");

    public void AssertLoss(JsonElement expected, double found, string where) =>
        Assert.True(
            Math.Abs(expected.GetDouble() - found) <= Tolerances.GetProperty("loss_abs").GetDouble(), $"{where}: loss {found} in place of {expected.GetDouble()}");

    /// <summary>Compares norms, in the order of the trace, of gradients before or parameters after a step.</summary>
    public void AssertNorms(int step, string norms, Func<string, double> found)
    {
        var expected = Trace.GetProperty("steps")[step].GetProperty(norms);
        foreach (var (i, name) in ParameterOrder.Index())
        {
            var norm = expected[i].GetDouble();
            Assert.True(
                norm < NoGradient || Math.Abs(norm - found(name)) <= norm * Tolerances.GetProperty("grad_norm_rel").GetDouble(),
                $"step {step}, {norms} of {name}: {found(name)} in place of {norm}");
        }
    }

    /// <summary>Compares all parameters with those the reference saved after so many steps, where it did.</summary>
    public void AssertParameters(int stepsDone, int stepsInAll, Func<string, Tensor> found)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        if (File.Exists(PathOf($"after_step_{stepsDone}.safetensors")))
        {
            Assert.Equal(0, Excess($"after_step_{stepsDone}.safetensors", found, stepsDone == 1 ? "step1_AB_max_abs" : "final_AB_max_abs"));
        }

        if (stepsDone == stepsInAll)
        {
            Assert.Equal(0, Excess("final.safetensors", found, "final_AB_max_abs"));
        }
    }

    /// <summary>By how much the differences are greater than allowed, the largest of all elements and their mean; 0 if they are not.</summary>
    private double Excess(string file, Func<string, Tensor> found, string largest)
    {
        var differences = cat([.. Tensors(file).Select(saved => Difference(saved.Key, saved.Value, found(saved.Key)))]);
        Assert.True(differences.isfinite().all().item<bool>(), $"{file}: found values that are not finite");
        return Math.Max(
            Math.Max(0, differences.max().item<float>() - Tolerances.GetProperty(largest).GetDouble()),
            differences.mean().item<float>() - Tolerances.GetProperty("final_AB_mean_abs").GetDouble());
    }

    private static Tensor Difference(string name, Tensor expected, Tensor found)
    {
        Assert.True(expected.shape.SequenceEqual(found.shape), $"{name}: [{string.Join(", ", found.shape)}] in place of [{string.Join(", ", expected.shape)}]");
        return (expected - found).abs().flatten();
    }

    private static TokenBatch Batch(Dictionary<string, Tensor> inputs, string name)
    {
        var ids = inputs[name + ".input_ids"];
        var labels = inputs[name + ".labels"];
        var mask = inputs[name + ".attention_mask"];
        return new TokenBatch(ids.data<long>().ToArray(), labels.data<long>().ToArray(), (int)ids.shape[0], (int)ids.shape[1])
        {
            TokenCounts = mask.IsZero().logical_and(labels.ne(tensor(TokenBatch.NoLabel))).any().item<bool>()
                ? [.. mask.sum(1, type: ScalarType.Int64).data<long>().Select(count => (int)count)]
                : null,
        };
    }

    private JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllBytes(PathOf(file))).RootElement;
}
