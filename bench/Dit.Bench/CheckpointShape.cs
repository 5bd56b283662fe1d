using System.Text.Json;
using Dit.Models.Decoding;

namespace Dit.Bench;

/// <summary>The sizes of a published model, and its config.json.</summary>
internal static class CheckpointShape
{
    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>(StringComparer.Ordinal)
    {
        ["qwen3-0.6b"] = Qwen3(hidden: 1024, inner: 3072, layers: 28, heads: 16, tied: true),
        ["qwen3-1.7b"] = Qwen3(hidden: 2048, inner: 6144, layers: 28, heads: 16, tied: true),
        ["qwen3-4b"] = Qwen3(hidden: 2560, inner: 9728, layers: 36, heads: 32, tied: true),
        ["qwen3-8b"] = Qwen3(hidden: 4096, inner: 12288, layers: 36, heads: 32, tied: false),
    };

    public static string Json(ModelConfig config, string type) => JsonSerializer.Serialize(new
    {
        architectures = new[] { "Qwen3ForCausalLM" },
        model_type = config.ModelType,
        vocab_size = config.VocabularySize,
        hidden_size = config.HiddenSize,
        intermediate_size = config.IntermediateSize,
        num_hidden_layers = config.LayerCount,
        num_attention_heads = config.HeadCount,
        num_key_value_heads = config.KeyValueHeadCount,
        head_dim = config.HeadSize,
        hidden_act = "silu",
        max_position_embeddings = 40960,
        rms_norm_eps = 1e-6,
        rope_theta = 1000000.0,
        attention_bias = false,
        tie_word_embeddings = config.TiedEmbeddings,
        torch_dtype = type,
    });

    private static ModelConfig Qwen3(int hidden, int inner, int layers, int heads, bool tied) => new()
    {
        VocabularySize = 151_936,
        HiddenSize = hidden,
        IntermediateSize = inner,
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = 8,
        HeadSize = 128,
        TiedEmbeddings = tied,
    };
}
