using System.Text.Json;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>Files that the reference implementation saved, told by what lies beside them.</summary>
public class GoldenReferenceTests
{
    private const string AdapterName = "introspection_lora.pt";

    public static TheoryData<string> WithLogits() => [.. GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, AdapterName)) && IsKnown(folder))];

    public static TheoryData<string> WithValues() =>
        [.. GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, "expected.safetensors")) && Names(folder).Any(name => name.EndsWith(".A", StringComparison.Ordinal)))];

    public static TheoryData<string> Hostile() =>
    [
        .. GoldenFolder.Cases("reference-pt").Select(folder => Path.Combine(folder, "expected.json")).Where(File.Exists)
            .SelectMany(path => GoldenModel.Json(Path.GetDirectoryName(path)!, "expected.json").TryGetProperty("files", out var files)
                ? files.EnumerateArray().Select(file => Path.Combine(Path.GetDirectoryName(path)!, file.GetProperty("file").GetString()!)) : [])
            .Where(path => Path.GetExtension(path) == ".pt"),
    ];

    [Theory]
    [MemberData(nameof(WithLogits))]
    public void Diffs_and_adapter_give_the_reference_logits(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var model = Decoder.Load(Base(folder));
        using var file = WeightDiffFile.Open(Diffs(folder));
        var adapter = Overlay(IntrospectionLora.Read(Path.Combine(folder, AdapterName)));

        AssertLogits("logits_base", Overlays.None);
        AssertLogits("logits_adapter_only", Overlays.None.With(adapter));
        foreach (var item in file.Items)
        {
            var diff = Overlays.None.With(Overlay(file.LoadFactors(item)));
            AssertLogits($"logits_diff_{item.Number}", diff);
            AssertLogits($"logits_diff_{item.Number}_adapter", diff.With(adapter));
        }

        void AssertLogits(string name, Overlays overlays)
        {
            if (expected.TryGetValue(name, out var logits))
            {
                var tolerances = GoldenModel.Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");
                GoldenModel.AssertClose(
                    logits, model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"], overlays)),
                    tolerances.GetProperty("logits_atol").GetDouble(), tolerances.GetProperty("logits_rtol").GetDouble(), expected["attention_mask"]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(WithLogits))]
    public void Labels_names_and_shapes_are_the_ones_of_the_file(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Json(folder, "expected.json");
        using var file = WeightDiffFile.Open(Diffs(folder));

        foreach (var (item, known) in file.Items.Zip(expected.GetProperty("items").EnumerateArray()))
        {
            Assert.Equal((known.GetProperty("topic").GetString(), known.GetProperty("trigger").ToString()), (item.Topic, item.Trigger));
            var factors = file.LoadFactors(item);
            Assert.Equal(known.GetProperty("modules").GetInt32(), factors.Sites.Count);
            Assert.All(factors.Sites, site => Assert.Equal((expected.GetProperty("dtype").GetString(), 1.0 / site.Value.A.shape[0]), (TypeName(site.Value.A), site.Value.Scaling)));
        }

        Assert.Equal(expected.GetProperty("items").GetArrayLength(), file.Items.Count);
    }

    [Theory]
    [MemberData(nameof(WithValues))]
    public void Storages_of_a_gpu_come_to_the_cpu_with_their_values(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var file = WeightDiffFile.Open(Diffs(folder));

        var factors = file.LoadFactors(Assert.Single(file.Items));

        Assert.Equal(expected.Count, 2 * factors.Sites.Count);
        Assert.All(factors.Sites, site =>
        {
            Assert.True(expected[$"{site.Key}.A"].Equals(site.Value.B.t()), site.Key);
            Assert.True(expected[$"{site.Key}.B"].Equals(site.Value.A.t()), site.Key);
        });
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_files_are_refused_in_a_sentence_that_names_them(string path)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<DitException>(() =>
        {
            using var file = WeightDiffFile.Open(path);
            file.LoadFactors(file.Items[0]);
        });

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(GoldenModel.Json(Path.GetDirectoryName(path)!, "expected.json").GetProperty("marker").GetString()!, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static IReadOnlyDictionary<string, ISiteOverlay> Overlay(PeftAdapter adapter) => adapter.Sites.ToDictionary(
        site => site.Key,
        site => (ISiteOverlay)new SharedLowRank(site.Value.A.to(ScalarType.Float32), site.Value.B.to(ScalarType.Float32), site.Value.Scaling), StringComparer.Ordinal);

    private static string TypeName(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float32 => "torch.float32",
        ScalarType.BFloat16 => "torch.bfloat16",
        ScalarType.Float16 => "torch.float16",
        var other => other.ToString(),
    };

    private static string Diffs(string folder) => Directory.EnumerateFiles(folder, "weight_diff*.pt").First();

    private static string Base(string folder) => Path.Combine(folder, "..", "..", GoldenModel.Json(folder, "expected.json").GetProperty("base").GetString()!);

    private static bool IsKnown(string folder) => GoldenModel.Cases(supported: true).Contains(Path.GetFullPath(Base(folder)), StringComparer.Ordinal);

    private static string[] Names(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        return [.. file.Tensors.Keys];
    }
}
