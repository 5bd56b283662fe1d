using System.Text.Json;
using Dit.Models.Checkpoints;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Reads config.json in both of its layouts: the older one with rope_theta and torch_dtype at top level, and the newer one with
/// rope_parameters and dtype. A setting that would change the numbers and is not supported is refused, never ignored.
/// </summary>
internal sealed class ModelConfigReader
{
    // Far above any model there is, and low enough that products of two never overflow.
    private const int LargestSize = 1 << 24;
    private const int LargestLayerCount = 4096;

    private readonly string path;
    private readonly JsonElement root;

    private ModelConfigReader(string path, JsonElement root) => (this.path, this.root) = (path, root);

    internal static ModelConfig Read(string path) => JsonFile.Read(path, root => new ModelConfigReader(path, root).Config());

    private ModelConfig Config()
    {
        var type = Value(root, "model_type") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : throw Missing("model_type");
        if (type != "qwen3")
        {
            throw new DitException($"{path}: expected the architecture qwen3, found {Shown(type)}, which is not supported.");
        }

        Require("hidden_act", "silu");
        Refuse("attention_bias");
        Refuse("use_sliding_window");
        if (Value(root, "quantization_config") is { } quantization)
        {
            throw Bad("no quantization_config", quantization);
        }

        if (Value(root, "layer_types") is { } kinds
            && (kinds.ValueKind != JsonValueKind.Array || kinds.EnumerateArray().Any(kind => !IsText(kind, "full_attention"))))
        {
            throw Bad("layer_types of full_attention only", kinds);
        }

        var hidden = Size(root, "hidden_size");
        var heads = Size(root, "num_attention_heads");
        var keyValueHeads = Value(root, "num_key_value_heads") is null ? heads : Size(root, "num_key_value_heads");
        if (heads % keyValueHeads != 0)
        {
            throw new DitException($"{path}: expected num_attention_heads to be a multiple of num_key_value_heads, found {heads} and {keyValueHeads}.");
        }

        if (Value(root, "head_dim") is null && hidden % heads != 0)
        {
            throw new DitException($"{path}: expected head_dim, or a hidden_size that num_attention_heads divides, found {hidden} and {heads}.");
        }

        var headSize = Value(root, "head_dim") is null ? hidden / heads : Size(root, "head_dim");
        if (headSize % 2 != 0)
        {
            throw new DitException($"{path}: expected an even head_dim, as rotary embeddings turn pairs, found {headSize}.");
        }

        return new ModelConfig
        {
            ModelType = type,
            VocabularySize = Size(root, "vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = Size(root, "intermediate_size"),
            LayerCount = Size(root, "num_hidden_layers", LargestLayerCount),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HeadSize = headSize,
            NormEpsilon = Number(root, "rms_norm_eps", 1e-6),
            RopeTheta = RopeTheta(),
            MaxPositions = Value(root, "max_position_embeddings") is null ? 32_768 : Size(root, "max_position_embeddings"),
            TiedEmbeddings = Flag("tie_word_embeddings", false),
            StoredType = StoredType(),
        };
    }

    private double RopeTheta()
    {
        var rope = Value(root, "rope_parameters") ?? Value(root, "rope_scaling");
        if (rope is not { } settings)
        {
            return Number(root, "rope_theta", 10_000);
        }

        if (settings.ValueKind != JsonValueKind.Object)
        {
            throw Bad("rope_parameters to be an object", settings);
        }

        var kind = Value(settings, "rope_type") ?? Value(settings, "type");
        if (kind is { } text && !IsText(text, "default"))
        {
            throw Bad("the rope_type default", text);
        }

        return Number(settings, "rope_theta", Number(root, "rope_theta", 10_000));
    }

    private ScalarType? StoredType()
    {
        var stored = Value(root, "dtype") ?? Value(root, "torch_dtype");
        if (stored is not { } text)
        {
            return null;
        }

        return (text.ValueKind == JsonValueKind.String ? text.GetString() : null) switch
        {
            "float32" => ScalarType.Float32,
            "float64" => ScalarType.Float64,
            "bfloat16" => ScalarType.BFloat16,
            "float16" => ScalarType.Float16,
            _ => throw Bad("dtype to be float32, bfloat16, float16 or float64", text),
        };
    }

    private void Require(string name, string expected)
    {
        if (Value(root, name) is { } found && !IsText(found, expected))
        {
            throw Bad($"{name} to be {expected}", found);
        }
    }

    private void Refuse(string name)
    {
        if (Flag(name, false))
        {
            throw new DitException($"{path}: expected {name} to be false, found true, which is not supported.");
        }
    }

    private bool Flag(string name, bool otherwise) => Value(root, name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } found => throw Bad($"{name} to be true or false", found),
    };

    private int Size(JsonElement parent, string name, int largest = LargestSize)
    {
        var found = Value(parent, name) ?? throw Missing(name);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var size) && size >= 1 && size <= largest
            ? size
            : throw Bad($"{name} to be a whole number from 1 to {largest}", found);
    }

    private double Number(JsonElement parent, string name, double otherwise)
    {
        if (Value(parent, name) is not { } found)
        {
            return otherwise;
        }

        return found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var number) && double.IsFinite(number) && number > 0
            ? number
            : throw Bad($"{name} to be a positive number", found);
    }

    // A null in config.json means what its absence means.
    private static JsonElement? Value(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool IsText(JsonElement element, string text) =>
        element.ValueKind == JsonValueKind.String && element.ValueEquals(text);

    private DitException Missing(string name) => new($"{path}: expected {name}, found none.");

    private DitException Bad(string expected, JsonElement found) => new($"{path}: expected {expected}, found {Shown(found.GetRawText())}.");

    private static string Shown(string found) => found.Length <= 80 ? found : found[..80] + "…";
}
