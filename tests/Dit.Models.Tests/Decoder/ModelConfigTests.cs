using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public sealed class ModelConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_layouts_of_a_file_are_the_same_settings()
    {
        var newer = Read(Settings());
        var older = Settings();
        older.Remove("rope_parameters");
        older.Remove("dtype");
        older["rope_theta"] = 5000.0;
        older["rope_scaling"] = null;
        older["torch_dtype"] = "bfloat16";

        Assert.Equal(newer, Read(older));
        Assert.Equal(5000.0, newer.Rope.Theta);
        Assert.Equal(ScalarType.BFloat16, newer.StatedType);
        Assert.Equal((30, 20, 3, 4, 2, 8), (newer.HiddenSize, newer.IntermediateSize, newer.LayerCount, newer.HeadCount, newer.KeyValueHeadCount, newer.HeadSize));
    }

    [Theory]
    [InlineData("model_type", "\"gpt_oss\"", "gpt_oss")]
    [InlineData("model_type", "null", "model_type")]
    [InlineData("model_type", "7", "model_type")]
    [InlineData("hidden_size", "0", "hidden_size")]
    [InlineData("hidden_size", "-30", "hidden_size")]
    [InlineData("hidden_size", "30.5", "hidden_size")]
    [InlineData("hidden_size", "\"30\"", "hidden_size")]
    [InlineData("hidden_size", "1e99", "hidden_size")]
    [InlineData("vocab_size", "9999999999", "vocab_size")]
    [InlineData("num_hidden_layers", "2000000000", "num_hidden_layers")]
    [InlineData("num_attention_heads", "null", "num_attention_heads")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("head_dim", "7", "head_dim")]
    [InlineData("rms_norm_eps", "-1", "rms_norm_eps")]
    [InlineData("rms_norm_eps", "1e999", "rms_norm_eps")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act")]
    [InlineData("attention_bias", "1", "attention_bias")]
    [InlineData("use_sliding_window", "1", "use_sliding_window")]
    [InlineData("mlp_bias", "true", "mlp_bias")]
    [InlineData("layer_types", "[\"full_attention\", \"sliding_attention\"]", "sliding_attention")]
    [InlineData("quantization_config", "{}", "quantization_config")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"rope_theta\": 1.0}", "yarn")]
    [InlineData("rope_parameters", "{\"rope_theta\": 0}", "rope_theta")]
    [InlineData("rope_parameters", "[1]", "rope_parameters")]
    [InlineData("dtype", "\"int8\"", "int8")]
    public void What_is_not_supported_or_makes_no_sense_is_refused_by_name(string name, string value, string named)
    {
        var settings = Settings();
        settings[name] = JsonNode.Parse(value);

        var error = Assert.Throws<DitException>(() => Read(settings));

        Assert.Contains(named, error.Message);
        Assert.Contains(folder.File("config.json"), error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"model_type\": \"\\ud800\"}")]
    public void A_damaged_file_is_refused(string text)
    {
        File.WriteAllText(folder.File("config.json"), text);
        Assert.Contains(folder.File("config.json"), Assert.Throws<DitException>(() => ModelConfig.Read(folder.FullPath)).Message);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(folder.File("config.json"), Assert.Throws<DitException>(() => ModelConfig.Read(folder.FullPath)).Message);

    private static JsonObject Settings() => new()
    {
        ["model_type"] = "qwen3",
        ["vocab_size"] = 100,
        ["hidden_size"] = 30,
        ["intermediate_size"] = 20,
        ["num_hidden_layers"] = 3,
        ["num_attention_heads"] = 4,
        ["num_key_value_heads"] = 2,
        ["head_dim"] = 8,
        ["hidden_act"] = "silu",
        ["rms_norm_eps"] = 1e-6,
        ["attention_bias"] = false,
        ["tie_word_embeddings"] = true,
        ["dtype"] = "bfloat16",
        ["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 5000.0 },
    };

    private ModelConfig Read(JsonObject settings)
    {
        File.WriteAllText(folder.File("config.json"), settings.ToJsonString());
        return ModelConfig.Read(folder.FullPath);
    }
}
