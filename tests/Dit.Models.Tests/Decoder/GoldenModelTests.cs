using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public class GoldenModelTests
{
    public static TheoryData<string, string> Supported()
    {
        var data = new TheoryData<string, string>();
        foreach (var folder in GoldenModel.Cases())
        {
            data.Add(folder, "config.json");
            data.Add(folder, "config.legacy.json");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Logits_are_the_golden_ones(string folder, string config)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenModel(folder);
        var expected = golden.ExpectedTensors();
        using var model = golden.Load(config);

        var logits = model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"]));

        GoldenModel.AssertClose(expected["logits"], logits, golden.Tolerances.GetProperty("logits_atol").GetDouble(),
            golden.Tolerances.GetProperty("logits_rtol").GetDouble(), expected["attention_mask"]);
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Loss_and_gradients_of_all_weights_are_the_golden_ones(string folder, string config)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenModel(folder);
        var expected = golden.ExpectedTensors();
        using var model = golden.Load(config);
        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        var logits = model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"]));
        var (tokens, vocabulary) = (logits.shape[1], logits.shape[2]);
        var loss = nn.functional.cross_entropy(
            logits.narrow(1, 0, tokens - 1).reshape(-1, vocabulary), expected["labels"].narrow(1, 1, tokens - 1).reshape(-1), ignore_index: -100);
        loss.backward();

        Assert.Equal(golden.Expected.GetProperty("loss").GetDouble(), loss.item<float>(), golden.Tolerances.GetProperty("loss_abs").GetDouble());
        var relative = golden.Tolerances.GetProperty("grad_norm_rel").GetDouble();
        var norms = golden.Expected.GetProperty("grad_norms").EnumerateObject().ToList();
        Assert.Equal(model.Weights.Keys.Order(StringComparer.Ordinal), norms.Select(norm => norm.Name).Order(StringComparer.Ordinal));
        foreach (var norm in norms)
        {
            var wanted = norm.Value.GetDouble();
            Assert.Equal(wanted, model.Weights[norm.Name].grad!.norm().item<float>(), wanted * relative);
        }

        foreach (var (name, gradient) in expected.Where(tensor => tensor.Key.StartsWith("grad:", StringComparison.Ordinal)))
        {
            GoldenModel.AssertClose(gradient, model.Weights[name["grad:".Length..]].grad!, relative * gradient.abs().max().item<float>(), relative);
        }
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Fewer_bits_lose_no_more_than_they_do_in_the_reference(string folder, string config)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenModel(folder);
        var expected = golden.ExpectedTensors();
        using var model = golden.Load(config, ScalarType.BFloat16);
        var tokens = expected["attention_mask"].unsqueeze(-1);

        var logits = model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"]));

        double Off(Tensor found) => ((found - expected["logits"]) * tokens).norm().item<float>() / (expected["logits"] * tokens).norm().item<float>();
        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        Assert.InRange(Off(logits), 0, expected.TryGetValue("logits_bf16_compute", out var reference) ? 1.3 * Off(reference) : 0.1);
    }

    [Fact]
    public void Another_architecture_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), """{"model_type": "mamba2", "hidden_size": 8}""");

        var error = Assert.Throws<DitException>(() => Decoder.Load(folder.FullPath));

        Assert.Contains("mamba2", error.Message);
        Assert.Contains(folder.File("config.json"), error.Message);
    }
}
