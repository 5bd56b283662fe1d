using System.Text.Json;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>What the reference's evaluation finds of its trained adapter on its trained diffs: losses of the labels, and answers as text.</summary>
public sealed class TrainedAnswersGoldenTests
{
    public static TheoryData<string> Folders =>
        [.. GoldenFolder.Cases("training-parity").Where(folder => File.Exists(Path.Combine(folder, "generation.json")))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Losses_and_texts_are_those_of_the_reference(string folder)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var golden = Json(Path.Combine(folder, "generation.json"));
        var tolerance = Json(Path.Combine(folder, "case.json")).GetProperty("tolerances").GetProperty("eval_loss_abs").GetDouble();
        var rows = golden.GetProperty("rows").EnumerateArray().Where(row => row.TryGetProperty("eval_loss", out _)).ToArray();
        var adapterFile = Path.Combine(folder, golden.GetProperty("adapter").GetString()!);
        using var model = Decoder.Load(Path.Combine(folder, "..", "..", golden.GetProperty("base").GetString()!));
        using var diffs = GoldenTrace.ReadDiffs(Path.Combine(folder, golden.GetProperty("diffs").GetString()!), golden.GetProperty("weight_diff_multiplier").GetDouble());
        var tokenizer = Tokenizer.Load(Path.Combine(new GoldenTrace(Path.GetDirectoryName(adapterFile)!).FromRoot("tokenizer"), "tokenizer.json"));
        var losses = new List<double>();

        foreach (var row in rows)
        {
            using var carried = diffs.Select([row.GetProperty("item").GetInt32()]);
            var adapter = Adapter(adapterFile);
            var overlays = carried.Overlay().With(adapter.ToDictionary(site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling)));
            var diff = carried.Terms();
            var terms = adapter.ToDictionary(site => site.Key, site => (IReadOnlyList<LowRankTerm>)[.. diff.GetValueOrDefault(site.Key, []), site.Value]);
            var prompt = Ids(row.GetProperty("prompt_ids"));

            var labelled = TokenBatch.Pad([new TokenizedExample(Ids(row.GetProperty("label_ids")), prompt.Length)], padding: 0);
            losses.Add(Losses.CrossEntropy(model, labelled, terms));
            var answer = Dit.Models.Generation.Generator.Generate(
                model, [prompt], new GenerationSettings(row.GetProperty("evaluate_max_new_tokens").GetInt32()), [golden.GetProperty("eos_token_id").GetInt32()], overlays)[0];

            Assert.Equal(row.GetProperty("eval_loss").GetDouble(), losses[^1], tolerance);
            Assert.Equal(row.GetProperty("evaluate_generated_text").GetString(), tokenizer.Decode(answer, skipSpecialTokens: true));
        }

        Assert.Equal(golden.GetProperty("mean_eval_loss").GetDouble(), losses.Average(), tolerance);
    }

    private static Dictionary<string, LowRankTerm> Adapter(string pickled)
    {
        var saved = GoldenTrace.ReadFinal(pickled);
        return saved.Keys.Select(name => name[..^2]).Distinct().ToDictionary(
            site => site, site => new LowRankTerm(saved[site + ".B"], saved[site + ".A"], 1.0 / saved[site + ".B"].shape[0]));
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
}
