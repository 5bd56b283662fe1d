using System.Globalization;
using System.Text.RegularExpressions;
using Dit.Models.Checkpoints.Torch;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>Files that the reference implementation saved, told by what lies beside them.</summary>
public partial class GoldenReferenceTests
{
    private const string AdapterName = "introspection_lora.pt";
    private const string Narrow = "logits_bf16_compute_";

    public static TheoryData<string> WithLogits() => [.. GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, AdapterName)) && IsKnown(folder))];

    public static TheoryData<string, string> In16Bits()
    {
        var data = new TheoryData<string, string>();
        foreach (var folder in GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, AdapterName)) && IsKnown(folder)))
        {
            data.AddRange([.. Names(folder).Where(name => name.StartsWith(Narrow + "diff_", StringComparison.Ordinal)).Select(name => (folder, name))]);
        }

        return data;
    }

    public static TheoryData<string> WithValues() =>
        [.. GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, "expected.safetensors")) && Names(folder).Any(name => name.EndsWith(".A", StringComparison.Ordinal)))];

    public static TheoryData<string> WholeModels() =>
        [.. GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, "expected.safetensors")) && Names(folder).Contains("logits", StringComparer.Ordinal) && IsOfKnownModel(folder))];

    public static TheoryData<string> Trained() =>
        [.. GoldenFolder.Cases("training-parity").Where(folder => File.Exists(Path.Combine(folder, "final.safetensors"))).SelectMany(folder => Directory.EnumerateFiles(folder, "*.pt"))];

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

        var compared = new HashSet<string>(StringComparer.Ordinal);
        AssertLogits("logits_base", Overlays.None);
        AssertLogits("logits_adapter_only", Overlays.None.With(adapter));
        foreach (var item in file.Items)
        {
            var diff = Overlays.None.With(Overlay(file.LoadFactors(item)));
            AssertLogits($"logits_diff_{item.Number}", diff);
            AssertLogits($"logits_diff_{item.Number}_adapter", diff.With(adapter));
        }

        foreach (var name in expected.Keys.Where(name => name.StartsWith("logits_batch_", StringComparison.Ordinal)))
        {
            var rows = RowPlaces().Matches(name);
            Assert.Equal(Enumerable.Range(0, (int)expected["input_ids"].shape[0]), rows.Select(row => Number(row, "row")));
            var diffs = Overlays.None.With(OverlayOfRows([.. rows.Select(row => file.LoadFactors(file.Item(Number(row, "diff"))))]));
            AssertLogits(name, name.EndsWith("_adapter", StringComparison.Ordinal) ? diffs.With(adapter) : diffs);
        }

        // What the reference computes in 16 bits has a test of its own.
        Assert.Equal(expected.Keys.Where(name => name.StartsWith("logits", StringComparison.Ordinal) && !name.StartsWith(Narrow, StringComparison.Ordinal)).Order(StringComparer.Ordinal), compared.Order(StringComparer.Ordinal));

        void AssertLogits(string name, Overlays overlays)
        {
            if (expected.TryGetValue(name, out var logits))
            {
                compared.Add(name);
                var tolerances = GoldenModel.Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");
                GoldenModel.AssertClose(
                    logits, model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"], overlays)),
                    tolerances.GetProperty("logits_atol").GetDouble(), tolerances.GetProperty("logits_rtol").GetDouble(), expected["attention_mask"]);
            }
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(In16Bits))]
    public void In_16_bits_no_more_is_lost_than_in_the_reference(string folder, string name)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var model = Decoder.Load(Base(folder), ScalarType.BFloat16);
        using var file = WeightDiffFile.Open(Diffs(folder));
        var overlays = Overlays.None.With(Overlay(file.LoadFactors(file.Item(int.Parse(DiffNumber().Match(name).Groups["diff"].ValueSpan, CultureInfo.InvariantCulture))), ScalarType.BFloat16));
        if (name.EndsWith("_adapter", StringComparison.Ordinal))
        {
            overlays = overlays.With(Overlay(IntrospectionLora.Read(Path.Combine(folder, AdapterName)), ScalarType.BFloat16));
        }

        var logits = model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"], overlays));

        var exact = expected["logits_" + name[Narrow.Length..]];
        Assert.InRange(Off(logits), 0, 1.3 * Off(expected[name]));
        double Off(Tensor found) => ((found - exact) * expected["attention_mask"].unsqueeze(-1)).norm().item<float>();
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
            Assert.Equal(expected[$"{site.Key}.A"].dtype, site.Value.B.dtype);
            AssertSame(expected, site.Key, null, site.Value.B.t(), site.Value.A.t());
        });
    }

    [Theory]
    [MemberData(nameof(WholeModels))]
    public void A_whole_state_dict_gives_the_reference_logits(string folder)
    {
        using var scope = NewDisposeScope();
        var expected = GoldenModel.Tensors(Path.Combine(folder, "expected.safetensors"));
        using var file = WeightDiffFile.Open(Diffs(folder));
        var item = Assert.Single(file.Items);
        using var model = StateDict.Load(file, item, BaseOf(item)!, ScalarType.Float32);
        var tolerances = GoldenModel.Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");

        GoldenModel.AssertClose(
            expected["logits"], model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"])),
            tolerances.GetProperty("logits_atol").GetDouble(), tolerances.GetProperty("logits_rtol").GetDouble(), expected["attention_mask"]);
        Assert.Throws<DitException>(() => file.LoadFactors(item));
    }

    [Theory]
    [MemberData(nameof(WholeModels))]
    public void A_whole_state_dict_of_another_model_is_refused(string folder)
    {
        using var file = WeightDiffFile.Open(Diffs(folder));
        var basis = BaseOf(file.Items[0])!;

        foreach (var config in new[] { basis with { LayerCount = basis.LayerCount + 1 }, basis with { LayerCount = basis.LayerCount - 1 }, basis with { IntermediateSize = basis.IntermediateSize + 8 } })
        {
            Assert.StartsWith(file.FilePath, Assert.Throws<DitException>(() => StateDict.Load(file, file.Items[0], config, ScalarType.Float32)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Trained))]
    public void What_the_reference_saved_after_training_is_what_it_had_trained(string path)
    {
        using var scope = NewDisposeScope();
        var final = GoldenModel.Tensors(Path.Combine(Path.GetDirectoryName(path)!, "final.safetensors"));
        if (Path.GetFileName(path) == AdapterName)
        {
            Assert.All(IntrospectionLora.Read(path).Sites, site => AssertSame(final, site.Key, null, site.Value.B, site.Value.A));
            return;
        }

        using var file = WeightDiffFile.Open(path);
        Assert.Equal(final.Values.First().shape[0], file.Items.Count);
        Assert.All(file.Items, item => Assert.All(file.LoadFactors(item).Sites, site => AssertSame(final, site.Key, item.Number, site.Value.B.t(), site.Value.A.t())));
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

    private static IReadOnlyDictionary<string, ISiteOverlay> Overlay(PeftAdapter adapter, ScalarType type = ScalarType.Float32) => adapter.Sites.ToDictionary(
        site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A.to(type), site.Value.B.to(type), site.Value.Scaling), StringComparer.Ordinal);

    /// <summary>The diff of each row of a batch.</summary>
    private static IReadOnlyDictionary<string, ISiteOverlay> OverlayOfRows(PeftAdapter[] rows) => rows[0].Sites.ToDictionary(
        site => site.Key,
        site => (ISiteOverlay)new RowLowRank(
            stack(rows.Select(row => row.Sites[site.Key].A.to(ScalarType.Float32))), stack(rows.Select(row => row.Sites[site.Key].B.to(ScalarType.Float32))), site.Value.Scaling),
        StringComparer.Ordinal);

    private static int Number(Match row, string group) => int.Parse(row.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("row(?<row>[0-9]+)_diff(?<diff>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RowPlaces();

    [GeneratedRegex("diff_(?<diff>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DiffNumber();

    private static string TypeName(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float32 => "torch.float32",
        ScalarType.BFloat16 => "torch.bfloat16",
        ScalarType.Float16 => "torch.float16",
        var other => other.ToString(),
    };

    private static string Diffs(string folder) => Directory.EnumerateFiles(folder, "weight_diff*.pt").First();

    private static string Base(string folder) => Path.Combine(folder, "..", "..", GoldenModel.Json(folder, "expected.json").GetProperty("base").GetString()!);

    private static bool IsKnown(string folder) => GoldenModel.Cases().Contains(Path.GetFullPath(Base(folder)), StringComparer.Ordinal);

    private static bool IsOfKnownModel(string folder)
    {
        using var file = WeightDiffFile.Open(Diffs(folder));
        return BaseOf(file.Items[0]) is not null;
    }

    /// <summary>The settings of the golden model whose weights have these names and shapes.</summary>
    private static ModelConfig? BaseOf(WeightDiffItem item)
    {
        var shapes = item.WeightDiff.Entries.ToDictionary(entry => (string)entry.Key, entry => ((TorchTensor)entry.Value!).Shape);
        return GoldenModel.Cases().Select(ModelConfig.Read)
            .FirstOrDefault(config => Decoder.WeightShapes(config).All(weight => shapes.TryGetValue(weight.Key, out var shape) && shape.SequenceEqual(weight.Value)));
    }

    private static void AssertSame(Dictionary<string, Tensor> expected, string site, int? row, Tensor a, Tensor b)
    {
        var (expectedA, expectedB) = (expected[$"{site}.A"], expected[$"{site}.B"]);
        Assert.True((row is null ? expectedA : expectedA[row.Value]).eq(a).all().item<bool>(), $"{site}.A");
        Assert.True((row is null ? expectedB : expectedB[row.Value]).eq(b).all().item<bool>(), $"{site}.B");
    }

    private static string[] Names(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        return [.. file.Tensors.Keys];
    }
}
