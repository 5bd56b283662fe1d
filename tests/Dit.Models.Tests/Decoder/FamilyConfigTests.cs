using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>What config.json means for each family: both layouts, what is left out, and what is refused.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    private const string Sizes = """
        "vocab_size": 100, "hidden_size": 32, "intermediate_size": 20, "num_hidden_layers": 7, "num_attention_heads": 4, "num_key_value_heads": 2
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Settings_that_Gemma3_leaves_out_are_its_familys()
    {
        // All that the text part of the published 4B models states.
        var config = Read("""
            {"model_type": "gemma3", "tie_word_embeddings": true, "torch_dtype": "bfloat16", "vision_config": {"hidden_size": 1152}, "text_config":
            {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34,
             "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}}
            """);

        Assert.Equal(
            (262_208, 2560, 10_240, 34, 8, 4, 256),
            (config.VocabularySize, config.HiddenSize, config.IntermediateSize, config.LayerCount, config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal(new RopeSettings(1_000_000, new RopeScaling(8)), config.Rope);
        Assert.Equal(new RopeSettings(10_000), config.SlidingRope);
        Assert.Equal((256.0, 1024, 1e-6, 131_072), (config.QueryScalar, config.SlidingWindow, config.NormEpsilon, config.MaxPositions));
        Assert.Equal(Enumerable.Range(0, 34).Where(layer => layer % 6 != 5), Enumerable.Range(0, 34).Where(config.SlidingLayers.Contains));
        Assert.Equal((NormWeight.OneMoreBeforeRounding, NormPlacement.Around, QueryKeyNorm.EachHead), (config.NormWeight, config.NormPlacement, config.QueryKeyNorm));
        Assert.Equal((Activation.GeluTanh, true, true, true), (config.Activation, config.ScaledEmbeddings, config.TiedEmbeddings, config.HasImagePart));
        Assert.Equal(ScalarType.BFloat16, config.StatedType);
        Assert.Equal(4096, Read("""{"model_type": "gemma3_text"}""").SlidingWindow);
    }

    [Theory]
    [InlineData("qwen3", 10_000, 1e-6, 128, false, 32_768)]
    [InlineData("qwen2", 10_000, 1e-6, 8, false, 32_768)]
    [InlineData("llama", 10_000, 1e-6, 8, false, 2048)]
    [InlineData("mistral", 10_000, 1e-6, 8, true, 131_072)]
    [InlineData("olmo2", 10_000, 1e-5, 8, false, 2048)]
    public void Settings_that_are_left_out_are_the_familys(string type, double theta, double epsilon, int headSize, bool slides, int maxPositions)
    {
        var config = Read($$"""{"model_type": "{{type}}", {{Sizes}}}""");

        Assert.Equal((new RopeSettings(theta), null), (config.Rope, config.SlidingRope));
        Assert.Equal((epsilon, headSize, maxPositions, false), (config.NormEpsilon, config.HeadSize, config.MaxPositions, config.TiedEmbeddings));
        Assert.Equal(slides ? (4096, 7) : (null, 0), (config.SlidingWindow, config.SlidingLayers.Count));
        Assert.Equal((type == "qwen2", false, false), (config.QueryKeyValueBias, config.AttentionOutputBias, config.FeedForwardBias));
        Assert.Null(config.StatedType);
        Assert.Null(Read($$"""{"model_type": "{{type}}", {{Sizes}}, "sliding_window": null}""").SlidingWindow);
    }

    [Fact]
    public void Key_and_value_heads_may_be_null_for_as_many_as_there_are_queries() =>
        Assert.Equal(4, Read($$"""{"model_type": "mistral", {{Sizes.Replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": null")}}}""").KeyValueHeadCount);

    [Theory]
    [InlineData("""
        "rope_theta": 5000.0, "rope_local_base_freq": 300.0, "rope_scaling": {"type": "linear", "factor": 4}, "sliding_window_pattern": 3, "torch_dtype": "bfloat16"
        """, """
        "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 5000.0}, "sliding_attention": {"rope_theta": 300.0}},
        "_sliding_window_pattern": 3, "layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention", "sliding_attention",
        "full_attention", "sliding_attention"], "dtype": "bfloat16"
        """)]
    [InlineData("""
        "rope_scaling": null, "sliding_window_pattern": 6
        """, """
        "rope_parameters": {"rope_type": "default", "rope_theta": null, "full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}, "_sliding_window_pattern": 6
        """)]
    public void Gemma3_reads_the_same_from_both_layouts_and_inside_a_multimodal_model(string older, string newer)
    {
        var read = Read($$"""{"model_type": "gemma3_text", {{Sizes}}, {{older}}}""");

        Assert.Equal(read, Read($$"""{"model_type": "gemma3_text", {{Sizes}}, {{newer}}}"""));
        Assert.Equal(read with { ModelType = "gemma3", HasImagePart = true }, Read($$"""{"model_type": "gemma3", "text_config": { {{Sizes}}, {{newer}} } }"""));
        Assert.Empty(read.DifferencesFrom(Read($$"""{"model_type": "gemma3", "text_config": { {{Sizes}}, {{newer}} } }""")));
    }

    [Fact]
    public void Llama3_reads_the_same_from_both_layouts()
    {
        const string bands = "\"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4, \"original_max_position_embeddings\": 64";
        var older = Read($$$"""{"model_type": "llama", {{{Sizes}}}, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", {{{bands}}}}}""");

        Assert.Equal(older, Read($$$"""{"model_type": "llama", {{{Sizes}}}, "rope_parameters": {"rope_type": "llama3", "rope_theta": 5e5, {{{bands}}}}}"""));
        Assert.Equal(new RopeSettings(500_000, new RopeScaling(8, new RopeBands(1, 4, 64))), older.Rope);
    }

    [Fact]
    public void Qwen_slides_in_its_last_layers_or_where_layer_types_says()
    {
        var last = Read($$"""{"model_type": "qwen2", {{Sizes}}, "use_sliding_window": true, "sliding_window": 9, "max_window_layers": 5}""");

        Assert.Equal((9, new LayerSet([5, 6])), (last.SlidingWindow, last.SlidingLayers));
        Assert.Equal(0, Read($$"""{"model_type": "qwen3", {{Sizes}}, "use_sliding_window": true, "sliding_window": 9}""").SlidingLayers.Count);
        Assert.Equal(7, Read($$"""{"model_type": "qwen3", {{Sizes}}, "use_sliding_window": true, "max_window_layers": 0}""").SlidingLayers.Count);
    }

    [Theory]
    [InlineData("llama", "\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2}", "dynamic")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"longrope\"}", "longrope")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"default\", \"type\": \"mrope\"}", "mrope")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"linear\"}", "factor")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2, \"attention_factor\": 2}", "attention_factor")]
    [InlineData("llama", "\"rope_parameters\": {\"full_attention\": {\"rope_type\": \"default\"}}", "full_attention")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 2, \"low_freq_factor\": 4, \"high_freq_factor\": 4}", "high_freq_factor")]
    [InlineData("llama", "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2}, \"rope_parameters\": {\"rope_theta\": 10000.0}", "rope_scaling")]
    [InlineData("llama", "\"partial_rotary_factor\": 0.5", "partial_rotary_factor")]
    [InlineData("llama", "\"rope_parameters\": {\"partial_rotary_factor\": 0.5}", "partial_rotary_factor")]
    [InlineData("llama", "\"sliding_window\": 5", "sliding_window")]
    [InlineData("llama", "\"hidden_act\": \"relu\"", "relu")]
    [InlineData("llama", "\"num_attention_heads\": 16777216, \"head_dim\": 16777216", "head_dim")]
    [InlineData("mistral", "\"attention_bias\": true", "attention_bias")]
    [InlineData("qwen2", "\"attention_bias\": true", "attention_bias")]
    [InlineData("mistral", "\"layer_types\": [1]", "layer_types")]
    [InlineData("mistral", "\"num_hidden_layers\": 1, \"layer_types\": [\"full_attention\"]", "layer_types")]
    [InlineData("qwen3", "\"num_hidden_layers\": 1, \"layer_types\": [\"sliding_attention\"]", "sliding_window")]
    [InlineData("qwen3", "\"num_hidden_layers\": 1, \"layer_types\": [\"chunked_attention\"]", "chunked_attention")]
    [InlineData("qwen3", "\"use_sliding_window\": true, \"max_window_layers\": -1", "max_window_layers")]
    [InlineData("gemma3_text", "\"use_bidirectional_attention\": true", "use_bidirectional_attention")]
    [InlineData("gemma3_text", "\"final_logit_softcapping\": 30.0", "final_logit_softcapping")]
    [InlineData("gemma3_text", "\"attn_logit_softcapping\": 50.0", "attn_logit_softcapping")]
    [InlineData("gemma3_text", "\"hidden_activation\": \"gelu\"", "hidden_activation")]
    [InlineData("gemma3_text", "\"sliding_window\": null", "sliding_window")]
    [InlineData("gemma3_text", "\"_sliding_window_pattern\": 3", "_sliding_window_pattern")]
    [InlineData("gemma3_text", "\"query_pre_attn_scalar\": 0", "query_pre_attn_scalar")]
    [InlineData("gemma3_text", "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 8.0}", "factor")]
    [InlineData("gemma3_text", "\"rope_parameters\": {\"rope_type\": \"linear\"}", "linear")]
    [InlineData("gemma3", "\"text_config\": null", "text_config")]
    [InlineData("gemma3", "\"text_config\": {\"model_type\": \"llama\"}", "llama")]
    [InlineData("gemma3", "\"text_config\": {\"tie_word_embeddings\": false}", "tie_word_embeddings")]
    [InlineData("gemma3n", "\"text_config\": {}", "gemma3n")]
    [InlineData("gemma2", "\"hidden_activation\": \"gelu_pytorch_tanh\"", "gemma2")]
    public void What_would_change_the_numbers_and_is_not_supported_is_refused_by_name(string type, string setting, string named)
    {
        var settings = JsonNode.Parse($$"""{"model_type": "{{type}}", {{Sizes}}}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse("{" + setting + "}")!.AsObject())
        {
            settings[name] = value?.DeepClone();
        }

        var error = Assert.Throws<DitException>(() => Read(settings.ToJsonString()));

        Assert.Contains(named, error.Message);
        Assert.Contains(folder.File("config.json"), error.Message);
    }

    [Fact]
    public void Every_setting_but_how_it_is_stored_counts_as_a_difference()
    {
        string[] storage = [nameof(ModelConfig.StatedType), nameof(ModelConfig.HasImagePart), nameof(ModelConfig.MaxPositions)];
        var config = TinyDecoder.Config with { SlidingRope = new RopeSettings(5) };
        Assert.Empty(config.DifferencesFrom(config with { }));
        foreach (var setting in typeof(ModelConfig).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => !storage.Contains(p.Name)))
        {
            var other = config with { };
            var value = setting.GetValue(config);
            setting.SetValue(other, value switch
            {
                int number => number + 1,
                double number => number + 1,
                bool flag => !flag,
                string text => text + "x",
                Enum choice => Enum.GetValues(choice.GetType()).Cast<Enum>().First(c => !c.Equals(choice)),
                RopeSettings rope => rope with { Scaling = new RopeScaling(2) },
                LayerSet => new LayerSet([1]),
                null => Convert.ChangeType(77, Nullable.GetUnderlyingType(setting.PropertyType)!, CultureInfo.InvariantCulture),
                _ => throw new InvalidOperationException($"{setting.Name} is of a type that this test does not know."),
            }, BindingFlags.SetProperty, null, null, null);

            Assert.True(config.DifferencesFrom(other).Count > 0, setting.Name);
        }
    }

    [Fact]
    public void A_difference_is_told_by_name_and_both_values() =>
        Assert.Equal(
            ["rms_norm_eps 1E-05 instead of 1E-06", "sliding_window 5 instead of null"],
            (TinyDecoder.Config with { NormEpsilon = 1e-5, SlidingWindow = 5 }).DifferencesFrom(TinyDecoder.Config));

    private ModelConfig Read(string json)
    {
        File.WriteAllText(folder.File("config.json"), json);
        return ModelConfig.Read(folder.FullPath);
    }
}
