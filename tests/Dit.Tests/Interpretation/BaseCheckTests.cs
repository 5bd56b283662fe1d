using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Models;
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
        const string sentence = "found only pytorch_model.bin, which is not read; save the model as safetensors";
        Assert.Contains(BaseCheck.Of(folder).Checks, one => one.Sentence.Contains(sentence, StringComparison.Ordinal));
        Assert.Contains(sentence, Assert.Throws<DitException>(() => BaseModel.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_file_that_Git_has_not_fetched_is_said_to_be_one()
    {
        var folder = Copy();
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n");
        Assert.EndsWith("expected a safetensors file, found a Git LFS pointer: run git lfs pull", Assert.Single(Failures(BaseCheck.Of(folder))).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tied_model_with_another_head_is_refused_as_in_loading()
    {
        var folder = Copy();
        using var other = world.Base.Decoder.Weights["model.embed_tokens.weight"].Plus(1);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), world.Base.Decoder.Weights.Where(weight => weight.Key != "lm_head.weight").Append(KeyValuePair.Create("lm_head.weight", other)));
        var loading = Assert.Throws<DitException>(() => BaseModel.Load(folder)).Message;
        Assert.Equal(loading, Assert.Single(Failures(BaseCheck.Of(folder))).Sentence);
    }

    [Fact]
    public void What_only_training_needs_is_noted_and_not_refused()
    {
        var folder = Copy();
        Edit(folder, "tokenizer_config.json", config => config["chat_template"] = "{{ messages[0].content }}");
        var check = BaseCheck.Of(folder);
        Assert.True(check.IsUsable);
        Assert.Contains(check.Checks, one => one is { Outcome: CheckOutcome.Noted, Subject: "template" } && one.Sentence.Contains("cannot be used for training", StringComparison.Ordinal));
    }

    [Fact]
    public void An_end_token_that_the_model_lacks_is_noted()
    {
        var folder = Copy();
        File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id": 100257}""");
        var check = BaseCheck.Of(folder);
        Assert.True(check.IsUsable);
        Assert.Contains(check.Checks, one => one is { Outcome: CheckOutcome.Noted, Subject: "end tokens" } && one.Sentence.Contains("100257 beyond its", StringComparison.Ordinal));
        using var model = BaseModel.Load(folder);
    }

    [Fact]
    public void A_template_that_leaves_no_room_for_an_answer_is_refused()
    {
        var folder = Copy();
        Edit(folder, "tokenizer_config.json", config => config["chat_template"] = "{{ 'a b c d ' * 200000 }}{{ messages[0].content }}");
        Assert.Contains("leaves room in the model's", Assert.Single(Failures(BaseCheck.Of(folder))).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_longer_than_the_model_reads_are_noted()
    {
        var check = BaseCheck.Of(world.Base.Folder);
        var positions = check.Config!.MaxPositions;
        Assert.Same(check, check.For(positions - 4, 4));
        Assert.Contains("end after 4, not 5", check.For(positions - 4, 5).Checks[^1].Sentence, StringComparison.Ordinal);
        Assert.Contains($"texts of {positions + 1} tokens are refused", check.For(positions + 1, 4).Checks[^1].Sentence, StringComparison.Ordinal);
        Assert.True(check.For(positions + 1, 4).IsUsable);
    }

    [Fact]
    public void Weights_that_are_compared_with_nothing_do_not_pass()
    {
        var folder = Copy();
        File.WriteAllText(Path.Combine(folder, "config.json"), "{");
        var check = BaseCheck.Of(folder);
        Assert.Equal("config", Assert.Single(Failures(check)).Subject);
        Assert.Contains(check.Checks, one => one is { Outcome: CheckOutcome.Noted, Subject: "weights" } && one.Sentence.EndsWith("not compared with config.json", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_missing_and_unknown_weights_are_listed()
    {
        var folder = Copy();
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            world.Base.Decoder.Weights.Select(weight => KeyValuePair.Create(weight.Key.Replace("layers.1.", "layers.7.", StringComparison.Ordinal), weight.Value)));
        Check[] problems = [.. Failures(BaseCheck.Of(folder))];
        Assert.Equal(2, problems.Length);
        Assert.All(problems, problem => Assert.Equal(11, problem.Names.Count));
        Assert.All(problems[0].Names, name => Assert.StartsWith("model.layers.1.", name, StringComparison.Ordinal));
        Assert.All(problems[1].Names, name => Assert.StartsWith("model.layers.7.", name, StringComparison.Ordinal));
        Assert.EndsWith("and 3 more", problems[0].Sentence, StringComparison.Ordinal);
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

    private static IEnumerable<Check> Failures(BaseCheck check) => check.Checks.Where(one => one.Outcome == CheckOutcome.Failed);

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
