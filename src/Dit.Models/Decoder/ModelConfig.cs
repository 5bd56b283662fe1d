using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Shape and settings of a decoder, as Hugging Face's config.json states them. A model family is nothing but a choice of these; what is not
/// said otherwise is Qwen3's.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>The architecture's name in config.json.</summary>
    public string ModelType { get; init; } = "qwen3";

    /// <summary>Rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads of a layer; each serves HeadCount / KeyValueHeadCount query heads.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of a head; HeadCount times it need not be the hidden size.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Added to the mean square before its root is taken, in every norm.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>How every norm applies its weight.</summary>
    public NormWeight NormWeight { get; init; }

    /// <summary>Where the norms of a layer stand.</summary>
    public NormPlacement NormPlacement { get; init; }

    /// <summary>What queries and keys are normed over before they are turned.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; } = QueryKeyNorm.EachHead;

    /// <summary>Scores are divided by its root; null stands for <see cref="HeadSize"/>.</summary>
    public double? QueryScalar { get; init; }

    /// <summary>q_proj, k_proj and v_proj have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>o_proj has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>gate_proj, up_proj and down_proj have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>What the gate of the feed-forward part goes through.</summary>
    public Activation Activation { get; init; }

    /// <summary>Embeddings are multiplied by the root of the hidden size, rounded to their type, before the first layer.</summary>
    public bool ScaledEmbeddings { get; init; }

    /// <summary>The rotary embedding of the layers that see everything, and of the others too where <see cref="SlidingRope"/> is null.</summary>
    public RopeSettings Rope { get; init; } = new(1_000_000);

    /// <summary>The rotary embedding of the layers with a sliding window, where it is another.</summary>
    public RopeSettings? SlidingRope { get; init; }

    /// <summary>Queries and keys are turned in 32 bits and rounded behind that.</summary>
    public bool TurnsIn32Bits { get; init; }

    /// <summary>How many tokens, itself included, a token sees in the layers with a sliding window; null where there are none.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>The layers with a sliding window.</summary>
    public LayerSet SlidingLayers { get; init; } = LayerSet.None;

    /// <summary>The longest text the model was made for, in tokens.</summary>
    public int MaxPositions { get; init; } = 32_768;

    /// <summary>The output head is the embedding table.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>The type the model is meant to compute in; null where config.json does not say.</summary>
    public ScalarType? StatedType { get; init; }

    /// <summary>The folder also holds the image part of a multimodal model, which is not read.</summary>
    public bool HasImagePart { get; init; }

    /// <summary>Reads a model folder's config.json.</summary>
    /// <exception cref="DitException">It is missing, damaged, of an architecture that is not supported, or makes no sense.</exception>
    public static ModelConfig Read(string folder) => ModelConfigReader.Read(Path.Combine(folder, "config.json"));

    /// <summary>
    /// The settings in which this model differs from <paramref name="expected"/> so that no difference of weights between them makes sense,
    /// each as "name value instead of value" under its name in config.json; none where they are of one architecture and size.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(ModelConfig expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return [.. Settings().Zip(expected.Settings())
            .Where(pair => !Equals(pair.First.Value, pair.Second.Value))
            .Select(pair => FormattableString.Invariant($"{pair.First.Name} {pair.First.Value ?? "null"} instead of {pair.Second.Value ?? "null"}"))];
    }

    /// <summary>All that decides what the same weights compute, which leaves out how they are stored and how long texts should be.</summary>
    private (string Name, object? Value)[] Settings() =>
    [
        ("model_type", HasImagePart ? "gemma3_text" : ModelType),
        ("vocab_size", VocabularySize),
        ("hidden_size", HiddenSize),
        ("intermediate_size", IntermediateSize),
        ("num_hidden_layers", LayerCount),
        ("num_attention_heads", HeadCount),
        ("num_key_value_heads", KeyValueHeadCount),
        ("head_dim", HeadSize),
        ("rms_norm_eps", NormEpsilon),
        ("norm weights", NormWeight),
        ("norm placement", NormPlacement),
        ("query and key norms", QueryKeyNorm),
        ("query_pre_attn_scalar", QueryScalar ?? HeadSize),
        ("biases of q_proj, k_proj, v_proj", QueryKeyValueBias),
        ("biases of o_proj", AttentionOutputBias),
        ("mlp_bias", FeedForwardBias),
        ("hidden_act", Activation),
        ("scaled embeddings", ScaledEmbeddings),
        ("rope_theta", Rope.Theta),
        ("rope_scaling", Rope.Scaling),
        ("rope_local_base_freq", SlidingRope?.Theta),
        ("rope scaling of the sliding layers", SlidingRope?.Scaling),
        ("turning in 32 bits", TurnsIn32Bits),
        ("sliding_window", SlidingWindow),
        ("sliding layers", SlidingLayers),
        ("tie_word_embeddings", TiedEmbeddings),
    ];
}
