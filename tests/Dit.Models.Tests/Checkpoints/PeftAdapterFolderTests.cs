using System.Text.Json.Nodes;
using Dit.Models.Checkpoints.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class PeftAdapterFolderTests : IDisposable
{
    private const string Q = "model.layers.0.self_attn.q_proj";
    private const string V = "model.layers.0.self_attn.v_proj";

    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    [Theory]
    [InlineData("peft_type", "\"LOHA\"")]
    [InlineData("peft_type", "null")]
    [InlineData("use_dora", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("bias", "\"lora_only\"")]
    [InlineData("lora_bias", "true")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("trainable_token_indices", "[1]")]
    [InlineData("target_parameters", "[\"experts.w\"]")]
    [InlineData("layer_replication", "[[0, 2], [1, 3]]")]
    [InlineData("alora_invocation_tokens", "[7]")]
    [InlineData("use_something_of_the_future", "true")]
    [InlineData("init_lora_weights", "\"pissa\"")]
    [InlineData("use_rslora", "\"yes\"")]
    [InlineData("r", "0")]
    [InlineData("r", "2.5")]
    [InlineData("r", "null")]
    [InlineData("r", "99999999999")]
    [InlineData("lora_alpha", "\"16\"")]
    [InlineData("lora_alpha", "1e999")]
    [InlineData("rank_pattern", "[]")]
    [InlineData("rank_pattern", "{\"q_proj\": -1}")]
    [InlineData("rank_pattern", "{\"q_proj(\": 2}")]
    [InlineData("rank_pattern", "{\"(\\\\S+)*!\": 2}")]
    [InlineData("alpha_pattern", "{\"q_proj\": null}")]
    [InlineData("target_modules", "\"((\"")]
    [InlineData("target_modules", "\"q)|(.*\"")]
    [InlineData("target_modules", "\"(([a-z_.0-9])+)+X\"")]
    [InlineData("target_modules", "7")]
    [InlineData("target_modules", "[\"q_proj\", 7]")]
    [InlineData("exclude_modules", "\"((\"")]
    [InlineData("exclude_modules", "{}")]
    [InlineData("layers_to_transform", "\"0\"")]
    [InlineData("layers_to_transform", "[0.5]")]
    public void A_setting_that_is_not_of_a_plain_lora_is_refused_by_its_name(string setting, string value)
    {
        WritePlain();
        Edit(config => config[setting] = JsonNode.Parse(value));

        AssertRefused("adapter_config.json", setting);
    }

    [Fact]
    public void Patterns_that_are_huge_or_deep_are_refused_or_harmless()
    {
        WritePlain();
        Edit(config => config["rank_pattern"] = new JsonObject { [new string('(', 4_000) + "q" + new string(')', 4_000)] = 2, ["((q{9999}){9999}){9999}"] = 3 });
        Assert.Equal([Q, V], PeftAdapterFolder.Read(folder.FullPath).Sites.Keys);

        Edit(config => config["rank_pattern"] = new JsonObject { [new string('q', 20_000)] = 2 });
        AssertRefused("adapter_config.json", "rank_pattern");
    }

    [Theory]
    [InlineData("r")]
    [InlineData("lora_alpha")]
    [InlineData("peft_type")]
    public void A_setting_that_is_missing_is_named(string setting)
    {
        WritePlain();
        Edit(config => config.Remove(setting));

        AssertRefused("adapter_config.json", setting);
    }

    [Theory]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "DoRA")]
    [InlineData("base_model.model.model.embed_tokens.lora_embedding_A", "embedding")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias", "bias")]
    [InlineData("base_model.model.lm_head.weight", "modules_to_save")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_diag", "not known")]
    [InlineData("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", "both")]
    [InlineData("base_model.model.model.layers.0.mlp.up_proj.lora_B.weight", "both")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight", "one tensor for each")]
    public void A_tensor_that_is_no_half_of_a_plain_pair_is_refused_by_its_reason(string name, string reason)
    {
        WritePlain();
        WriteWeights(Plain().Append(new(name, zeros(2, 3))));

        AssertRefused("adapter_model.safetensors", reason);
    }

    [Theory]
    [InlineData(2, 3, 4, 3)]
    [InlineData(3, 3, 4, 3)]
    [InlineData(2, 0, 4, 2)]
    [InlineData(2, 3, 0, 2)]
    public void Shapes_that_do_not_agree_are_refused(int rankOfA, int inputs, int outputs, int rankOfB)
    {
        WritePlain();
        WriteWeights([new(Peft(Q, "A"), zeros(rankOfA, inputs)), new(Peft(Q, "B"), zeros(outputs, rankOfB))]);

        AssertRefused("adapter_model.safetensors", Q);
    }

    [Fact]
    public void Factors_of_other_dimensions_or_of_whole_numbers_are_refused()
    {
        WritePlain();
        WriteWeights([new(Peft(Q, "A"), zeros(2, 3, 1)), new(Peft(Q, "B"), zeros(4, 2))]);
        AssertRefused("adapter_model.safetensors", Q);
        WriteWeights([new(Peft(Q, "A"), zeros(2, 3, ScalarType.Int32)), new(Peft(Q, "B"), zeros(4, 2))]);
        AssertRefused("adapter_model.safetensors", Q);
    }

    [Fact]
    public void Files_that_are_missing_or_empty_are_named()
    {
        AssertRefused("adapter_config.json");
        WritePlain();
        WriteWeights([]);
        AssertRefused("adapter_model.safetensors", "no tensors");
        File.Delete(folder.File("adapter_model.safetensors"));
        AssertRefused("adapter_model.safetensors");
        File.WriteAllText(folder.File("adapter_model.bin"), "");
        AssertRefused("adapter_model.bin");
    }

    [Fact]
    public void Names_with_the_adapters_own_name_inside_are_read()
    {
        WritePlain();
        WriteWeights(Plain().Select(t => new KeyValuePair<string, Tensor>(t.Key.Replace(".weight", ".default.weight"), t.Value)));

        Assert.Equal([Q, V], PeftAdapterFolder.Read(folder.FullPath).Sites.Keys);
    }

    [Fact]
    public void Patterns_match_whole_names_behind_a_dot_and_the_first_decides()
    {
        WritePlain();
        Edit(config => config["alpha_pattern"] = JsonNode.Parse("""{"proj": 100, "layers.\\d+.self_attn.[q]_proj": 6, "q_proj": 8, "v_proj": 10}"""));

        var sites = PeftAdapterFolder.Read(folder.FullPath).Sites;

        Assert.Equal(3, sites[Q].Scaling);
        Assert.Equal(5, sites[V].Scaling);
    }

    [Theory]
    [InlineData("""{"target_modules": null}""")]
    [InlineData("""{"target_modules": "all-linear"}""")]
    [InlineData("""{"target_modules": "All-Linear", "exclude_modules": ["k_proj"]}""")]
    [InlineData("""{"target_modules": ["q_proj", "v_proj", "lm_head"]}""")]
    [InlineData("""{"target_modules": ["self_attn.q_proj", "model.layers.0.self_attn.v_proj"]}""")]
    [InlineData("""{"target_modules": ".*\\.(q|v)_proj"}""")]
    [InlineData("""{"target_modules": "^(?!.*vision).*\\.(q_proj|v_proj)$"}""")]
    [InlineData("""{"target_modules": "nothing|.*q_proj|.*v_proj"}""")]
    [InlineData("""{"target_modules": ".*(?P<side>q|v)_proj"}""")]
    [InlineData("""{"exclude_modules": []}""")]
    [InlineData("""{"exclude_modules": ["proj", "attn.q_proj", "layers.0.self_attn"]}""")]
    [InlineData("""{"exclude_modules": "q_proj|model"}""")]
    [InlineData("""{"layers_to_transform": []}""")]
    [InlineData("""{"layers_to_transform": 0}""")]
    [InlineData("""{"layers_to_transform": [3, 0], "layers_pattern": ""}""")]
    [InlineData("""{"layers_to_transform": [0], "layers_pattern": "layers"}""")]
    [InlineData("""{"layers_to_transform": [0], "layers_pattern": ["h", "layers"]}""")]
    [InlineData("""{"layers_to_transform": [1], "target_modules": ["model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.v_proj"]}""")]
    [InlineData("""{"layers_pattern": "layers"}""")]
    public void Factors_where_the_settings_put_them_are_read(string settings)
    {
        WritePlain();
        Set(settings);

        Assert.Equal([Q, V], PeftAdapterFolder.Read(folder.FullPath).Sites.Keys);
    }

    [Theory]
    [InlineData("""{"target_modules": []}""", "target_modules", 2)]
    [InlineData("""{"target_modules": ["q_proj"]}""", "target_modules", 1)]
    [InlineData("""{"target_modules": ["q_proj", "proj", "attn.v_proj", "self_attn", "v_proj."]}""", "target_modules", 1)]
    [InlineData("""{"target_modules": ".*q_proj"}""", "target_modules", 1)]
    [InlineData("""{"target_modules": ".*q_proj|v_proj"}""", "target_modules", 1)]
    [InlineData("""{"target_modules": "q_proj|v_proj"}""", "target_modules", 2)]
    [InlineData("""{"target_modules": "model\\.language_model\\..*"}""", "target_modules", 2)]
    [InlineData("""{"exclude_modules": ["v_proj"]}""", "exclude_modules", 1)]
    [InlineData("""{"target_modules": "all-linear", "exclude_modules": ".*v_proj"}""", "exclude_modules", 1)]
    [InlineData("""{"target_modules": null, "exclude_modules": ["v_proj"]}""", "exclude_modules", 1)]
    [InlineData("""{"target_modules": ["q_proj"], "exclude_modules": ["q_proj"]}""", "exclude_modules and target_modules", 2)]
    [InlineData("""{"layers_to_transform": [1]}""", "layers_to_transform", 2)]
    [InlineData("""{"layers_to_transform": 1}""", "layers_to_transform", 2)]
    [InlineData("""{"layers_to_transform": [0], "layers_pattern": "h"}""", "layers_to_transform", 2)]
    [InlineData("""{"layers_to_transform": [1], "target_modules": null}""", "layers_to_transform", 2)]
    [InlineData("""{"layers_to_transform": [1], "target_modules": ["q_proj", "model.layers.0.self_attn.v_proj"]}""", "layers_to_transform", 1)]
    public void Factors_where_PEFT_would_ignore_them_are_refused_in_both_kinds_of_files(string settings, string named, int count)
    {
        WritePlain();
        Set(settings);
        AssertRefused("adapter_model.safetensors", $"only where {named} in", $"found {count} elsewhere", count == 2 ? Q : "_proj");

        File.Delete(folder.File("adapter_model.safetensors"));
        TorchWriter.Write(folder.File("adapter_model.bin"), Plain().ToDictionary(tensor => tensor.Key, tensor => (object?)tensor.Value));
        AssertRefused("adapter_model.bin", $"only where {named} in", $"found {count} elsewhere");
    }

    [Fact]
    public void A_pattern_beside_numbers_of_layers_is_refused_as_by_PEFT()
    {
        WritePlain();
        Set("""{"target_modules": ".*_proj", "layers_to_transform": [0]}""");

        AssertRefused("adapter_config.json", "layers_to_transform");
    }

    [Theory]
    [InlineData("lm_head")]
    [InlineData("language_model.lm_head")]
    public void The_output_head_is_refused_as_such(string head)
    {
        WritePlain();
        WriteWeights(Plain().Append(new(Peft(head, "A"), zeros(2, 3))).Append(new(Peft(head, "B"), zeros(4, 2))));

        AssertRefused("adapter_model.safetensors", "inside the decoder", "output head lm_head");
    }

    [Fact]
    public void Nothing_stays_in_memory_of_an_adapter_that_is_refused_halfway()
    {
        WritePlain();
        WriteWeights(Plain().Where(t => t.Key != Peft(V, "B")));
        // Of this thread: tests beside this one make and collect tensors too.
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        AssertRefused("adapter_model.safetensors", V);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static string Peft(string site, string half) => $"base_model.model.{site}.lora_{half}.weight";

    private static IEnumerable<KeyValuePair<string, Tensor>> Plain() =>
    [
        new(Peft(Q, "A"), ones(2, 3)), new(Peft(Q, "B"), ones(4, 2)), new(Peft(V, "A"), ones(2, 3)), new(Peft(V, "B"), ones(5, 2)),
    ];

    private void WritePlain()
    {
        WriteWeights(Plain());
        File.WriteAllText(
            folder.File("adapter_config.json"),
            """{"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"]}""");
    }

    private void WriteWeights(IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        SafetensorsWriter.Write(folder.File("adapter_model.safetensors"), tensors);

    private void Set(string settings) => Edit(config =>
    {
        foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject())
        {
            config[name] = value?.DeepClone();
        }
    });

    private void Edit(Action<JsonObject> edit)
    {
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!.AsObject();
        edit(config);
        File.WriteAllText(folder.File("adapter_config.json"), config.ToJsonString());
    }

    private void AssertRefused(params string[] named)
    {
        var error = Assert.Throws<DitException>(() => PeftAdapterFolder.Read(folder.FullPath));
        Assert.StartsWith(folder.FullPath, error.Message, StringComparison.Ordinal);
        Assert.All(named, n => Assert.Contains(n, error.Message, StringComparison.Ordinal));
    }
}
