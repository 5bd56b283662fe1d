using System.Text.Json;
using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training.Pretraining;

/// <summary>The tiny base model as files and as freshly drawn weights: an ordinary Qwen3, so that any tool that reads Qwen3 reads it.</summary>
public static class TinyBase
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes config.json, generation_config.json and tokenizer_config.json beside a trained tokenizer.json.</summary>
    public static void WriteConfig(string folder, TinyBaseSettings settings, Func<string, int> tokenId)
    {
        var (padding, end) = (tokenId(WorldText.Padding), tokenId(WorldText.TurnEnd));
        WriteJson(Path.Combine(folder, "config.json"), new
        {
            architectures = new[] { "Qwen3ForCausalLM" },
            model_type = "qwen3",
            vocab_size = settings.VocabularySize,
            hidden_size = settings.Width,
            intermediate_size = settings.FeedForward,
            num_hidden_layers = settings.Layers,
            num_attention_heads = settings.Heads,
            num_key_value_heads = settings.KeyValueHeads,
            head_dim = settings.HeadSize,
            hidden_act = "silu",
            max_position_embeddings = 512,
            initializer_range = 0.02,
            rms_norm_eps = 1e-6,
            rope_theta = 10000.0,
            rope_scaling = (object?)null,
            attention_bias = false,
            attention_dropout = 0.0,
            use_sliding_window = false,
            sliding_window = (int?)null,
            max_window_layers = settings.Layers,
            tie_word_embeddings = true,
            use_cache = true,
            bos_token_id = padding,
            eos_token_id = end,
            pad_token_id = padding,
            // What the model is to be computed in. It was trained in 32 bits and everything measured with it is; only the file is half as large.
            torch_dtype = "float32",
        });
        WriteJson(Path.Combine(folder, "generation_config.json"), new { bos_token_id = padding, eos_token_id = end, pad_token_id = padding, do_sample = false });
        WriteJson(Path.Combine(folder, "tokenizer_config.json"), new
        {
            tokenizer_class = "PreTrainedTokenizerFast",
            pad_token = WorldText.Padding,
            eos_token = WorldText.TurnEnd,
            bos_token = (string?)null,
            model_max_length = 512,
            clean_up_tokenization_spaces = false,
            chat_template = WorldText.ChatTemplate,
        });
    }

    /// <summary>Freshly drawn float32 weights, each from a stream of its own.</summary>
    public static Dictionary<string, Tensor> DrawWeights(TinyBaseSettings settings)
    {
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["model.embed_tokens.weight"] = Normal("model.embed_tokens.weight", 0.02, settings.VocabularySize, settings.Width),
            ["model.norm.weight"] = ones(settings.Width),
        };
        // The two matrices that write into the residual stream start smaller, as their contributions add up over the layers.
        var outputScale = 1 / Math.Sqrt(2.0 * settings.Layers);
        for (var i = 0; i < settings.Layers; i++)
        {
            var layer = $"model.layers.{i}.";
            weights[layer + "input_layernorm.weight"] = ones(settings.Width);
            weights[layer + "post_attention_layernorm.weight"] = ones(settings.Width);
            weights[layer + "self_attn.q_norm.weight"] = ones(settings.HeadSize);
            weights[layer + "self_attn.k_norm.weight"] = ones(settings.HeadSize);
            Linear(layer + "self_attn.q_proj.weight", settings.Heads * settings.HeadSize, settings.Width, 1);
            Linear(layer + "self_attn.k_proj.weight", settings.KeyValueHeads * settings.HeadSize, settings.Width, 1);
            Linear(layer + "self_attn.v_proj.weight", settings.KeyValueHeads * settings.HeadSize, settings.Width, 1);
            Linear(layer + "self_attn.o_proj.weight", settings.Width, settings.Heads * settings.HeadSize, outputScale);
            Linear(layer + "mlp.gate_proj.weight", settings.FeedForward, settings.Width, 1);
            Linear(layer + "mlp.up_proj.weight", settings.FeedForward, settings.Width, 1);
            Linear(layer + "mlp.down_proj.weight", settings.Width, settings.FeedForward, outputScale);
        }

        return weights;

        void Linear(string name, int rows, int columns, double scale) => weights[name] = Normal(name, scale / Math.Sqrt(columns), rows, columns);

        Tensor Normal(string name, double deviation, int rows, int columns)
        {
            var random = RandomStream.Named(settings.Seed, "pretraining/initial/" + name);
            var values = new float[rows * columns];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)(deviation * random.NextGaussian());
            }

            // A copy: the numbers of an array lie wherever they lie, and the last bits of a product depend on how its factors are aligned.
            using var drawn = tensor(values, rows, columns);
            return drawn.clone();
        }
    }

    /// <summary>Writes trained weights as bfloat16, as model.safetensors.</summary>
    public static void WriteWeights(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var rounded = weights.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Value.detach().to(ScalarType.BFloat16))).ToArray();
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), rounded, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void WriteJson(string path, object value) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, Indented) + "\n");
}
