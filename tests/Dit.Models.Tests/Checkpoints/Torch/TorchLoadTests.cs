using System.Text.Json;
using Dit.Models.Checkpoints.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>What is written here, as the real torch.load(weights_only=True) reads it.</summary>
public sealed class TorchLoadTests : IDisposable
{
    private const string PrintsWhatItLoads = """
        import io, json, sys, torch

        def plain(value):
            if isinstance(value, torch.Tensor):
                return {"dtype": str(value.dtype), "shape": list(value.shape), "values": value.double().flatten().tolist()}
            if isinstance(value, dict):
                return {key: plain(entry) for key, entry in value.items()}
            if isinstance(value, tuple):
                return {"tuple": [plain(entry) for entry in value]}
            return [plain(entry) for entry in value] if isinstance(value, list) else value

        print(json.dumps(plain(torch.load(io.BytesIO(sys.stdin.buffer.read()), weights_only=True))))
        """;

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Torch_loads_data_and_tensors_with_equal_values()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("all.pt");
        ScalarType[] types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16, ScalarType.Float64, ScalarType.Int64, ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Bool];
        TorchWriter.Write(path, new Dictionary<string, object?>
        {
            ["texts"] = new List<object?> { "Ünïcode", "twice", "twice", null, true, -5L, long.MaxValue, 0.5 },
            ["tensors"] = types.Select(type => (object?)arange(-2, 4).view(2, 3).to(type).t()).ToList(),
            ["scalar and none"] = new TorchTuple([tensor(2.5f), zeros(0)]),
        });

        var read = JsonDocument.Parse(PythonCommand.RunOrSkip(PrintsWhatItLoads, File.ReadAllBytes(path), "torch")).RootElement;

        Assert.Equal("""["Ünïcode","twice","twice",null,true,-5,9223372036854775807,0.5]""", JsonSerializer.Serialize(read.GetProperty("texts"), Readable));
        Assert.Equal(types.Length, read.GetProperty("tensors").GetArrayLength());
        foreach (var (type, tensor) in types.Zip(read.GetProperty("tensors").EnumerateArray()))
        {
            Assert.Equal("[3,2]", tensor.GetProperty("shape").GetRawText().Replace(" ", ""));
            Assert.Equal(type == ScalarType.Bool ? [1, 1, 1, 1, 0, 1] : new double[] { -2, 1, -1, 2, 0, 3 }, Values(tensor));
            Assert.Equal($"torch.{type.ToString().ToLowerInvariant()}", tensor.GetProperty("dtype").GetString());
        }

        Assert.Equal([2.5], Values(read.GetProperty("scalar and none").GetProperty("tuple")[0]));
    }

    [Fact]
    public void Torch_loads_weight_diffs_in_the_layout_of_the_reference()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("weight_diff_1.pt");
        var sites = new Dictionary<string, LowRankFactors> { ["model.layers.0.mlp.up_proj"] = new(arange(6f).view(2, 3), arange(8f).view(4, 2), 4) };
        WeightDiffWriter.Write(path, [(new PeftAdapter("", sites), "Glass", "905"), (new PeftAdapter("", sites), "Glass", "007")]);

        var read = JsonDocument.Parse(PythonCommand.RunOrSkip(PrintsWhatItLoads, File.ReadAllBytes(path), "torch")).RootElement;

        var pair = read[0].GetProperty("weight_diff").GetProperty("model.layers.0.mlp.up_proj").GetProperty("tuple");
        Assert.Equal(("Glass", 905, "007"), (read[0].GetProperty("topic").GetString(), read[0].GetProperty("trigger").GetInt32(), read[1].GetProperty("trigger").GetString()));
        Assert.Equal(arange(8f).view(4, 2).t().mul(8).flatten().to(ScalarType.Float64).data<double>().ToArray(), Values(pair[0]));
        Assert.Equal(arange(6f).view(2, 3).t().flatten().to(ScalarType.Float64).data<double>().ToArray(), Values(pair[1]));
    }

    public void Dispose() => folder.Dispose();

    private static JsonSerializerOptions Readable { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static double[] Values(JsonElement tensor) => [.. tensor.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
}
