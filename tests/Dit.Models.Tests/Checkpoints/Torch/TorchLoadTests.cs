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
            ["tensors"] = types.Select(type => (object?)Arithmetic.Range(-2, 4).view(2, 3).to(type).t()).ToList(),
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
        var sites = new Dictionary<string, LowRankFactors> { ["model.layers.0.mlp.up_proj"] = new(Arithmetic.Range(6, ScalarType.Float32).view(2, 3), Arithmetic.Range(8, ScalarType.Float32).view(4, 2), 4) };
        WeightDiffWriter.Write(path, [(new PeftAdapter("", sites), "Glass", "905"), (new PeftAdapter("", sites), "Glass", "007")]);

        var read = JsonDocument.Parse(PythonCommand.RunOrSkip(PrintsWhatItLoads, File.ReadAllBytes(path), "torch")).RootElement;

        var pair = read[0].GetProperty("weight_diff").GetProperty("model.layers.0.mlp.up_proj").GetProperty("tuple");
        Assert.Equal(("Glass", 905, "007"), (read[0].GetProperty("topic").GetString(), read[0].GetProperty("trigger").GetInt32(), read[1].GetProperty("trigger").GetString()));
        Assert.Equal(Arithmetic.Range(8, ScalarType.Float32).view(4, 2).t().Times(8).flatten().to(ScalarType.Float64).data<double>().ToArray(), Values(pair[0]));
        Assert.Equal(Arithmetic.Range(6, ScalarType.Float32).view(2, 3).t().flatten().to(ScalarType.Float64).data<double>().ToArray(), Values(pair[1]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void What_torch_saves_is_read(int protocol)
    {
        using var scope = NewDisposeScope();
        var script = $$"""
            import base64, collections, io, torch

            shared = torch.arange(12, dtype=torch.float32)
            module = torch.nn.Linear(3, 2)
            out = io.BytesIO()
            torch.save({
                "whole": shared, "part": shared[4:8], "turned": shared.view(3, 4).t(), "spread": shared[:1].expand(5),
                "parameter": torch.nn.Parameter(shared[:2].clone()), "half": shared.bfloat16(), "flags": shared > 5, "scalar": torch.tensor(3.5),
                "state": module.state_dict(), "ordered": collections.OrderedDict([("b", 1), ("a", 2)]), "size": shared.view(3, 4).shape, "type": torch.bfloat16,
                "bytes": b"\x00\xff", "no bytes": b"", "numbers": [0, -1, 300, 70000, 2**40, -2**40, 0.25, True, None], "nested": ((), [[]], {}),
            }, out, pickle_protocol={{protocol}})
            print(base64.b64encode(out.getvalue()).decode())
            """;
        var path = folder.File("saved.pt");
        File.WriteAllBytes(path, Convert.FromBase64String(PythonCommand.RunOrSkip(script, [], "torch").Trim()));

        using var file = TorchFile.Open(path);
        var root = Assert.IsType<TorchDict>(file.Root);
        float[] Numbers(string name) => file.Load((TorchTensor)root[name]!, ScalarType.Float32).flatten().data<float>().ToArray();

        Assert.Equal(Enumerable.Range(0, 12).Select(i => (float)i), Numbers("whole"));
        Assert.Equal([4f, 5, 6, 7], Numbers("part"));
        Assert.Same(((TorchTensor)root["whole"]!).Storage, ((TorchTensor)root["part"]!).Storage);
        Assert.Equal([0f, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], Numbers("turned"));
        Assert.Equal([0f, 0, 0, 0, 0], Numbers("spread"));
        Assert.Equal([0f, 1], Numbers("parameter"));
        Assert.Equal(ScalarType.BFloat16, ((TorchTensor)root["half"]!).Type);
        Assert.Equal(6, Numbers("flags").Sum());
        Assert.Equal([3.5f], Numbers("scalar"));
        Assert.Equal(["weight", "bias"], Assert.IsType<TorchDict>(root["state"]).Entries.Select(entry => entry.Key));
        Assert.Equal(["b", "a"], Assert.IsType<TorchDict>(root["ordered"]).Entries.Select(entry => entry.Key));
        Assert.Equal([3L, 4L], Assert.IsType<TorchTuple>(root["size"]).Items);
        Assert.Equal(ScalarType.BFloat16, root["type"]);
        Assert.Equal([0, 255], Assert.IsType<byte[]>(root["bytes"]));
        Assert.Equal([], Assert.IsType<byte[]>(root["no bytes"]));
        Assert.Equal([0L, -1L, 300L, 70000L, 1L << 40, -(1L << 40), 0.25, true, null], Assert.IsType<TorchList>(root["numbers"]).Items);
    }

    [Fact]
    public void Torch_reads_an_archive_of_more_records_than_a_small_one_can_count()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("many.pt");
        TorchWriter.Write(path, Enumerable.Repeat((object?)tensor(7), 66_000).ToList());
        const string Script = "import io, sys, torch; items = torch.load(io.BytesIO(sys.stdin.buffer.read()), weights_only=True); print(len(items), int(items[-1]))";

        Assert.Equal("66000 7", PythonCommand.RunOrSkip(Script, File.ReadAllBytes(path), "torch").Trim());
    }

    public void Dispose() => folder.Dispose();

    private static JsonSerializerOptions Readable { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static double[] Values(JsonElement tensor) => [.. tensor.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
}
