using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Models.Checkpoints;
using Dit.Models.Readiness;

namespace Dit.Interpretation;

public sealed class BaseCheckTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void A_whole_folder_passes_in_everything()
    {
        var check = BaseCheck.Of(world.Base.Folder);
        Assert.True(check.IsUsable);
        Assert.Equal(["config", "weights", "tokenizer", "template", "end tokens"], check.Checks.Select(one => one.Subject));
        Assert.Equal(world.Base.Decoder.Config, check.Config);
    }

    [Fact]
    public void A_folder_of_something_else_is_named_with_what_it_is_for()
    {
        Refused("found a PEFT adapter; ask about it with dit ask --diff", world.AdapterFolder(1));
        Refused("found a DIT adapter; use it with dit ask --adapter", world.DitAdapterFolder(1));
        Refused("found a diff set; ask about one of its diffs", world.SetFolder(1, [2]));
        Refused("found an empty folder", world.NewFolder());
        Refused("found no such folder", world.File("no-such"));
        Refused("found a file; name the folder that holds it", Path.Combine(world.Base.Folder, "model.safetensors"));
    }

    [Fact]
    public void Every_problem_is_told_not_only_the_first()
    {
        var folder = Copy();
        Edit(folder, "config.json", config =>
        {
            config["num_hidden_layers"] = 3;
            config["intermediate_size"] = 50;
        });
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{");
        Edit(folder, "tokenizer_config.json", config => config["chat_template"] = "{% for %}");
        var check = BaseCheck.Of(folder);
        Assert.False(check.IsUsable);
        string[] problems = [.. check.Checks.Where(one => one.Outcome == CheckOutcome.Failed).Select(one => one.Sentence)];
        Assert.Equal(4, problems.Length);
        Assert.Contains("11 of them missing: model.layers.2.", problems[0], StringComparison.Ordinal);
        Assert.Contains("6 others: model.layers.0.mlp.gate_proj.weight [48, 32] instead of [50, 32]", problems[1], StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", problems[2], StringComparison.Ordinal);
        Assert.Contains("tokenizer_config.json", problems[3], StringComparison.Ordinal);
        Assert.All(problems, problem => Assert.DoesNotContain('\n', problem));
    }

    [Fact]
    public void Missing_and_damaged_shards_are_each_named()
    {
        var folder = Copy();
        File.Delete(Path.Combine(folder, "model.safetensors"));
        string[] names = [.. world.Base.Decoder.Weights.Keys];
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), JsonSerializer.Serialize(
            new { weight_map = names.Select((name, i) => (name, i)).ToDictionary(item => item.name, item => $"shard-{item.i % 3}.safetensors", StringComparer.Ordinal) }));
        File.WriteAllText(Path.Combine(folder, "shard-0.safetensors"), "not a shard");
        SafetensorsWriter.Write(Path.Combine(folder, "shard-2.safetensors"), names.Where((_, i) => i % 3 == 2).Skip(1).Select(name => KeyValuePair.Create(name, world.Base.Decoder.Weights[name])));
        string[] problems = [.. BaseCheck.Of(folder).Checks.Where(one => one.Outcome == CheckOutcome.Failed).Select(one => one.Sentence)];
        Assert.Equal(3, problems.Length);
        Assert.Contains("shard-0.safetensors", problems[0], StringComparison.Ordinal);
        Assert.Contains("shard-1.safetensors: expected this shard", problems[1], StringComparison.Ordinal);
        Assert.Contains($"shard-2.safetensors: expected the {names.Length / 3} weights", problems[2], StringComparison.Ordinal);
        Assert.Contains("1 of them missing: " + names[2], problems[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_another_format_are_named()
    {
        var folder = Copy();
        File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "pytorch_model.bin"));
        Assert.Contains(BaseCheck.Of(folder).Checks, one => one.Sentence.Contains("found only pytorch_model.bin, which is not read", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_weights_are_refused_as_in_loading()
    {
        var folder = Copy();
        var weights = world.Base.Decoder.Weights.Append(KeyValuePair.Create("model.layers.0.extra.weight", world.Base.Decoder.Weights["model.norm.weight"]));
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights);
        Assert.Contains(BaseCheck.Of(folder).Checks, one => one.Outcome == CheckOutcome.Failed && one.Sentence.Contains("model.layers.0.extra.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tokenizer_with_more_tokens_than_the_model_is_refused()
    {
        var folder = Copy();
        Edit(folder, "config.json", config => config["vocab_size"] = 100);
        Assert.Contains(BaseCheck.Of(folder).Checks, one => one is { Outcome: CheckOutcome.Failed, Subject: "tokenizer" } && one.Sentence.Contains("at most the 100 tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Damage_ends_in_sentences_and_never_in_another_exception()
    {
        var folder = Copy();
        foreach (var name in new[] { "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors" })
        {
            var path = Path.Combine(folder, name);
            var whole = File.ReadAllBytes(path);
            foreach (var damaged in Damage.Of(whole, rounds: 25, seed: 5))
            {
                File.WriteAllBytes(path, damaged);
                Assert.All(BaseCheck.Of(folder).Checks, one => Assert.NotEmpty(one.Sentence));
            }

            File.WriteAllBytes(path, whole);
        }
    }

    private static void Refused(string sentence, string folder)
    {
        var check = BaseCheck.Of(folder);
        Assert.False(check.IsUsable);
        Assert.Contains(sentence, Assert.Single(check.Checks).Sentence, StringComparison.Ordinal);
    }

    private string Copy()
    {
        var folder = world.NewFolder();
        foreach (var file in Directory.EnumerateFiles(world.Base.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    private static void Edit(string folder, string name, Action<JsonObject> edit)
    {
        var path = Path.Combine(folder, name);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
