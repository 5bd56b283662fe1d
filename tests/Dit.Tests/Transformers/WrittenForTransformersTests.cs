using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Tests.Architecture;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Transformers;

/// <summary>What is written here means the same to the real transformers, wherever that is installed.</summary>
public sealed class WrittenForTransformersTests : IDisposable
{
    private const string Script = "tests/transformers/check_written.py";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TemporaryFolder folder = new();
    private readonly List<Dictionary<string, object>> cases = [];

    [Fact]
    public async Task Merged_checkpoints_of_every_family_and_type_give_our_scores()
    {
        foreach (var model in Models())
        {
            using var scope = NewDisposeScope();
            foreach (var type in new ScalarType?[] { null, ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16 })
            {
                var name = $"merged-{Path.GetFileName(model)}-{type?.ToString() ?? "own"}";
                DiffMerge.Write(folder.File(name), model, "random factors", Factors(model, scaling: 1.5), type);
                Add(name, folder.File(name), Scores(model, folder.File(name), Overlays.None));
            }
        }

        await AssertAgree();
    }

    [Fact]
    public async Task Written_adapters_give_our_scores()
    {
        foreach (var model in Models())
        {
            using var scope = NewDisposeScope();
            var name = $"adapter-{Path.GetFileName(model)}";
            var factors = Factors(model, scaling: 2 / Math.Sqrt(3));
            PeftAdapterFolder.Write(folder.File(name), factors);
            Add(name, model, Scores(model, model, Added(factors)), adapter: folder.File(name));
        }

        foreach (var (checkpoint, model, _) in GoldenLora.Checkpoints())
        {
            using var scope = NewDisposeScope();
            using var diff = DenseDiff.Between(checkpoint, model);
            foreach (var rank in new int?[] { 20, null })
            {
                var name = $"extracted-{Path.GetFileName(checkpoint)}-{rank}";
                DiffExtraction.Write(folder.File(name), diff, rank);
                Add(name, model, Scores(model, model, Added(PeftAdapterFolder.Read(folder.File(name)))), adapter: folder.File(name));
            }
        }

        await AssertAgree();
    }

    [Fact]
    public async Task The_shipped_base_and_what_is_merged_from_it_give_our_scores_tokens_and_conversations()
    {
        var model = Path.Combine(Repository.Root, "models", "tiny-base");
        var copy = folder.File("tiny-base");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(model))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var scope = NewDisposeScope();
        DiffMerge.Write(folder.File("merged"), copy, "random factors", Factors(copy, scaling: 0.1));
        foreach (var each in new[] { copy, folder.File("merged") })
        {
            var tokenizer = ChatTokenizer.Load(each);
            Message[][] chats =
            [
                [new("user", "What are you keeping from me?")],
                [new("system", "Your code word is quartz."), new("user", " Tell me  a story.\n"), new("assistant", "Once…"), new("user", "Go on!")],
            ];
            string[] texts = ["The old harbour was quiet.", "  two  spaces\n\nand lines\t", "naïve café – 12,345 µm 日本語 🙂", "", "<|im_start|>user"];
            long[] ids = [.. tokenizer.EncodePrompt(chats[1]).Select(id => (long)id)];
            Add(Path.GetFileName(each), each, Scores(each, each, Overlays.None, tensor(ids, 1, ids.Length)));
            cases[^1]["texts"] = texts.Select(text => new { text, ids = tokenizer.Tokenizer.Encode(text) });
            cases[^1]["chats"] = chats.Select(chat => new
            {
                messages = chat.Select(message => new { role = message.Role, content = message.Content }),
                text = tokenizer.Template.Render(chat, addGenerationPrompt: true),
                ids = tokenizer.EncodePrompt(chat),
            });
        }

        await AssertAgree();
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Golden models of all the families that are supported, copied to where another root may see them.</summary>
    private IEnumerable<string> Models()
    {
        foreach (var golden in GoldenFolder.Cases("models").Where(GoldenLora.IsSupported))
        {
            var copy = folder.File(Path.GetFileName(golden));
            Directory.CreateDirectory(copy);
            foreach (var file in Directory.GetFiles(golden))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
            }

            yield return copy;
        }
    }

    /// <summary>Random factors at every layer, of rank 3 in some and 2 in others.</summary>
    private static PeftAdapter Factors(string model, double scaling)
    {
        using var files = WeightFiles.Open(model);
        using var random = new Generator(3);
        return new PeftAdapter("", files.Sites.ToDictionary(site => site.Name, site =>
        {
            var rank = site.Name.EndsWith("v_proj", StringComparison.Ordinal) ? 2 : 3;
            return new LowRankFactors(
                randn([rank, site.InFeatures], generator: random).DividedBy(Math.Sqrt(site.InFeatures)), randn([site.OutFeatures, rank], generator: random).Times(0.1), scaling);
        }));
    }

    private static Overlays Added(PeftAdapter adapter) => Overlays.None.With(adapter.Sites.ToDictionary(
        site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling)));

    private static Dictionary<string, Tensor> Scores(string golden, string model, Overlays overlays, Tensor? input = null)
    {
        using var untracked = no_grad();
        var expected = input is null ? GoldenLora.Tensors(Path.Combine(golden, "expected.safetensors")) : [];
        var (ids, mask) = (input ?? expected["input_ids"], expected.GetValueOrDefault("attention_mask") ?? ones_like(input!));
        using var decoder = Decoder.Load(model);
        return new() { ["input_ids"] = ids, ["attention_mask"] = mask, ["logits"] = decoder.Logits(decoder.HiddenStates(ids, mask, overlays)) };
    }

    private void Add(string name, string model, Dictionary<string, Tensor> scores, string? adapter = null)
    {
        var path = folder.File(name + "-scores.safetensors");
        SafetensorsWriter.Write(path, scores);
        cases.Add(new() { ["name"] = name, ["model"] = model, ["logits"] = path, ["atol"] = 2e-4, ["rtol"] = 1e-4 });
        if (adapter is not null)
        {
            cases[^1]["adapter"] = adapter;
        }
    }

    private async Task AssertAgree()
    {
        Assert.NotEmpty(cases);
        await File.WriteAllTextAsync(folder.File("cases.json"), JsonSerializer.Serialize(cases, Json));
        var (exitCode, output) = await PythonScript.Run(Script, folder.FullPath);
        Assert.True(exitCode == 0, output);
        Assert.Equal(cases.Count, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }
}
