using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public class GoldenAdapterTests
{
    public static TheoryData<string> Adapters() => [.. Cases().Where(folder => File.Exists(Path.Combine(folder, "adapter_config.json")))];

    public static TheoryData<string> FinetunedModels() => [.. Cases().Where(folder => File.Exists(Path.Combine(folder, "config.json")))];

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Logits_with_an_adapter_laid_over_the_base_are_the_golden_ones(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var model = Decoder.Load(Base(folder));
        var adapter = PeftAdapterFolder.Read(folder);
        var overlays = Overlays.None.With(
            adapter.Sites.ToDictionary(site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling)));

        var logits = model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"], overlays));

        AssertClose(folder, expected["logits_adapter"], logits, expected["attention_mask"]);
    }

    [Theory]
    [MemberData(nameof(FinetunedModels))]
    public void Logits_of_a_finetuned_model_are_the_golden_ones(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var finetuned = Decoder.Load(folder);
        var (ids, mask) = (expected["input_ids"], expected["attention_mask"]);

        AssertClose(folder, expected["logits"], finetuned.Logits(finetuned.HiddenStates(ids, mask)), mask);
    }

    private static IEnumerable<string> Cases() => GoldenFolder.Cases("lora").Where(folder =>
    {
        var expected = GoldenModel.Json(folder, "expected.json");
        return !expected.TryGetProperty("supported", out var supported) || supported.GetBoolean();
    });

    private static string Base(string folder) =>
        Path.Combine(folder, "..", "..", GoldenModel.Json(folder, "expected.json").GetProperty("base").GetString()!);

    private static void AssertClose(string folder, Tensor expected, Tensor found, Tensor mask)
    {
        var tolerances = GoldenModel.Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");
        GoldenModel.AssertClose(
            expected, found, tolerances.GetProperty("logits_atol").GetDouble(), tolerances.GetProperty("logits_rtol").GetDouble(), mask);
    }
}
