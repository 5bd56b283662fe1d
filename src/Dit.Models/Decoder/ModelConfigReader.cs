using Dit.Models.Checkpoints;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Reads config.json in both of its layouts: the older one with rope_theta and torch_dtype at top level, and the newer one with
/// rope_parameters and dtype. A setting that would change the numbers and is not supported is refused, never ignored.
/// </summary>
internal static class ModelConfigReader
{
    private const int LargestLayerCount = 4096;

    // Of settings that reserve nothing and only have to be whole numbers.
    private const int Unlimited = int.MaxValue;

    internal static ModelConfig Read(string path) => JsonFile.Read(path, root => Config(new ConfigSettings(path, root)));

    private static ModelConfig Config(ConfigSettings root)
    {
        var type = root.Text("model_type") ?? throw root.Missing("model_type");
        if (!ModelFamily.All.TryGetValue(type, out var family))
        {
            throw root.Bad($"an architecture among {string.Join(", ", ModelFamily.All.Keys)}", $"{type}, which is not supported");
        }

        root.Refuse("quantization_config");
        return type == "gemma3" ? OfText(root, family) : Config(root, family) with { ModelType = type };
    }

    /// <summary>The text part of a multimodal model, whose settings stand in an object of their own.</summary>
    private static ModelConfig OfText(ConfigSettings root, ModelFamily family)
    {
        var text = root.Inside("text_config") ?? throw root.Missing("text_config");
        if (text.Text("model_type") is { } inner && inner != "gemma3_text")
        {
            throw text.Bad("text_config to be of model_type gemma3_text", inner);
        }

        var tied = root.Flag("tie_word_embeddings", family.TiedEmbeddings);
        if (text.Flag("tie_word_embeddings", tied) != tied)
        {
            throw text.Bad($"tie_word_embeddings of text_config to be {(tied ? "true" : "false")} as that of the whole model", tied ? "false" : "true");
        }

        text.Refuse("quantization_config");
        return Config(text, family) with
        {
            ModelType = "gemma3", HasImagePart = true, TiedEmbeddings = tied, StatedType = StatedType(root) ?? StatedType(text),
        };
    }

    private static ModelConfig Config(ConfigSettings settings, ModelFamily family)
    {
        settings.Refuse("use_bidirectional_attention");
        settings.Refuse("attn_logit_softcapping");
        settings.Refuse("final_logit_softcapping");
        var hidden = settings.Size("hidden_size", family.HiddenSize);
        var heads = settings.Size("num_attention_heads", family.HeadCount);
        var layers = settings.Size("num_hidden_layers", family.LayerCount, LargestLayerCount);
        var maxPositions = settings.Size("max_position_embeddings", family.MaxPositions, Unlimited);
        var biased = AttentionBias(settings, family);
        var (window, sliding) = SlidingLayersReader.Read(settings, family, layers);
        var (rope, slidingRope) = RopeReader.Read(settings, family, maxPositions);
        return new ModelConfig
        {
            VocabularySize = settings.Size("vocab_size", family.VocabularySize),
            HiddenSize = hidden,
            IntermediateSize = settings.Size("intermediate_size", family.IntermediateSize),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = KeyValueHeads(settings, family, heads),
            HeadSize = HeadSize(settings, family, hidden, heads),
            NormEpsilon = settings.Number("rms_norm_eps", family.NormEpsilon),
            NormWeight = family.NormWeight,
            NormPlacement = family.NormPlacement,
            QueryKeyNorm = family.QueryKeyNorm,
            QueryScalar = family.QueryScalar is { } scalar ? settings.Number("query_pre_attn_scalar", scalar) : null,
            QueryKeyValueBias = biased || family.AttentionBias == BiasRule.QueryKeyValue,
            AttentionOutputBias = biased,
            FeedForwardBias = FeedForwardBias(settings, family),
            Activation = Activation(settings, family),
            ScaledEmbeddings = family.ScaledEmbeddings,
            Rope = rope,
            SlidingRope = slidingRope,
            TurnsIn32Bits = family.TurnsIn32Bits,
            SlidingWindow = window,
            SlidingLayers = sliding,
            MaxPositions = maxPositions,
            TiedEmbeddings = settings.Flag("tie_word_embeddings", family.TiedEmbeddings),
            StatedType = StatedType(settings),
        };
    }

    private static int KeyValueHeads(ConfigSettings settings, ModelFamily family, int heads)
    {
        var found = settings.IsNull("num_key_value_heads") ? heads : settings.Size("num_key_value_heads", family.KeyValueHeadCount ?? heads);
        return heads % found == 0
            ? found
            : throw settings.Bad("num_attention_heads to be a multiple of num_key_value_heads", $"{heads} and {found}");
    }

    private static int HeadSize(ConfigSettings settings, ModelFamily family, int hidden, int heads)
    {
        var stated = settings.Value("head_dim") is not null || family.HeadSize is not null;
        if (!stated && hidden % heads != 0)
        {
            throw settings.Bad("head_dim, or a hidden_size that num_attention_heads divides", $"{hidden} and {heads}");
        }

        var size = stated ? settings.Size("head_dim", family.HeadSize) : hidden / heads;
        if (size % 2 != 0)
        {
            throw settings.Bad("an even head_dim, as rotary embeddings turn pairs", $"{size}");
        }

        return (long)heads * size <= ConfigSettings.LargestSize
            ? size
            : throw settings.Bad($"heads of together at most {ConfigSettings.LargestSize} numbers", $"{heads} of head_dim {size}");
    }

    private static bool AttentionBias(ConfigSettings settings, ModelFamily family)
    {
        var stated = settings.Flag("attention_bias", false);
        return !stated || family.AttentionBias == BiasRule.AsStated
            ? stated
            : throw settings.Bad("attention_bias to be false, as models of this family have no such biases", "true");
    }

    private static bool FeedForwardBias(ConfigSettings settings, ModelFamily family)
    {
        var stated = settings.Flag("mlp_bias", false);
        return !stated || family.FeedForwardBias
            ? stated
            : throw settings.Bad("mlp_bias to be false, as models of this family have no such biases", "true");
    }

    private static Activation Activation(ConfigSettings settings, ModelFamily family) =>
        (settings.Text(family.ActivationSetting) ?? family.Activation) switch
        {
            "silu" => Decoding.Activation.Silu,
            "gelu_pytorch_tanh" => Decoding.Activation.GeluTanh,
            var other => throw settings.Bad($"{family.ActivationSetting} to be silu or gelu_pytorch_tanh", other),
        };

    private static ScalarType? StatedType(ConfigSettings settings) => (settings.Text("dtype") ?? settings.Text("torch_dtype")) switch
    {
        null => null,
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        var other => throw settings.Bad("dtype to be float32, bfloat16, float16 or float64", other),
    };
}
