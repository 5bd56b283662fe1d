using System.Text.Json;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

public class GoldenGenerationTests
{
    private const string Runs = "training-parity";

    public static TheoryData<string, string> Models() => GoldenModelTests.Supported();

    public static TheoryData<string> Answers() =>
        [.. GoldenFolder.Cases(Runs).Where(folder => File.Exists(Path.Combine(folder, "generation.json")))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Greedy_answers_are_the_golden_ones(string folder, string config)
    {
        var golden = new GoldenModel(folder);
        using var model = golden.Load(config);
        var expected = golden.Expected.GetProperty("generate");

        var answers = Generator.Generate(model, Rows(expected, "prompts"), new(expected.GetProperty("max_new_tokens").GetInt32()), []);

        Assert.Equal(Rows(expected, "outputs"), answers);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Greedy_answers_end_before_the_end_token(string folder, string config)
    {
        var golden = new GoldenModel(folder);
        using var model = golden.Load(config);
        var expected = golden.Expected.GetProperty("generate_with_eos");
        var end = expected.GetProperty("eos_token_id").GetInt32();
        var limit = golden.Expected.GetProperty("generate").GetProperty("max_new_tokens").GetInt32();

        var answers = Generator.Generate(model, Rows(expected, "prompts"), new(limit), [end]);

        // The golden outputs still hold the end token.
        Assert.Equal(Rows(expected, "outputs").Select(row => row.TakeWhile(id => id != end)), answers);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_with_diffs_and_an_adapter_each_or_both_are_the_golden_ones(string folder)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Json(folder, "generation.json");
        var root = Path.Combine(folder, "..", "..");
        using var model = Decoder.Load(Path.Combine(root, golden.GetProperty("base").GetString()!));
        // The weights as safetensors stand beside the .pt files that the case names.
        var diffs = Factors(folder, golden.GetProperty("diffs").GetString()!);
        var adapter = Factors(folder, golden.GetProperty("adapter").GetString()!);
        var rows = golden.GetProperty("rows").EnumerateArray().ToList();
        var multiplier = golden.GetProperty("weight_diff_multiplier").GetDouble();
        string? Mode(JsonElement row) => row.TryGetProperty("mode", out var mode) ? mode.GetString() : null;
        // All rows in one batch: what a row leaves out is scaled by zero there.
        var items = tensor(rows.Select(row => row.GetProperty("item") is { ValueKind: JsonValueKind.Number } item ? item.GetInt64() : 0).ToArray());
        var withDiff = tensor(rows.Select(row => Mode(row) == "adapter_only" ? 0f : 1f).ToArray());
        var withAdapter = tensor(rows.Select(row => Mode(row) == "diff_only" ? 0f : 1f).ToArray());
        // The reference computes ((x B) A) / rank for a diff, A [item,r,out] and B [item,in,r], and x Bᵀ Aᵀ / rank for the adapter.
        var overlays = Overlays.None
            .With(diffs.ToDictionary(d => d.Key, d => (ISiteOverlay)new RowLowRank(
                d.Value.B.transpose(1, 2).index_select(0, items), d.Value.A.transpose(1, 2).index_select(0, items),
                withDiff.Times(multiplier / d.Value.A.shape[1]))))
            .With(adapter.ToDictionary(a => a.Key, a => (ISiteOverlay)new RowLowRank(
                a.Value.B.expand(rows.Count, -1, -1), a.Value.A.expand(rows.Count, -1, -1), withAdapter.DividedBy(a.Value.B.shape[0]))));

        var answers = Generator.Generate(model, [.. rows.Select(row => GoldenModel.Ids(row.GetProperty("prompt_ids")))], new(20), [], overlays);

        Assert.Equal(rows.Select(row => GoldenModel.Ids(row.GetProperty("greedy_20"))), answers);
    }

    private static int[][] Rows(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(GoldenModel.Ids)];

    private static Dictionary<string, (Tensor A, Tensor B)> Factors(string folder, string pickled)
    {
        var tensors = GoldenModel.Tensors(Path.Combine(Path.GetDirectoryName(Path.Combine(folder, pickled))!, "final.safetensors"));
        return tensors.Keys.Where(name => name.EndsWith(".A", StringComparison.Ordinal)).Select(name => name[..^2])
            .ToDictionary(site => site, site => (tensors[site + ".A"], tensors[site + ".B"]));
    }
}
