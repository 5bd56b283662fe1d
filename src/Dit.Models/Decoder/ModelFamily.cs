namespace Dit.Models.Decoding;

/// <summary>Which layers of a family have a sliding window.</summary>
internal enum SlidingRule
{
    /// <summary>None; a config.json that asks for one is refused.</summary>
    Never,

    /// <summary>All, where sliding_window is not null.</summary>
    All,

    /// <summary>With use_sliding_window those from max_window_layers on; layer_types where it is stated.</summary>
    LastLayers,

    /// <summary>All but each sixth, or each of another sliding_window_pattern; layer_types where it is stated.</summary>
    Pattern,
}

/// <summary>Which biases the attention of a family has.</summary>
internal enum BiasRule
{
    /// <summary>None.</summary>
    Never,

    /// <summary>q_proj, k_proj and v_proj.</summary>
    QueryKeyValue,

    /// <summary>All four projections where attention_bias is true.</summary>
    AsStated,
}

/// <summary>
/// What is fixed for all models of a family, and what its config.json means by leaving a setting out, which is what transformers takes
/// then. Sizes without such a value have to be stated.
/// </summary>
internal sealed record ModelFamily
{
    private static readonly ModelFamily Qwen2 = new()
    {
        AttentionBias = BiasRule.QueryKeyValue, Sliding = SlidingRule.LastLayers, KeyValueHeadCount = 32, MaxPositions = 32_768,
    };

    private static readonly ModelFamily Gemma3 = new()
    {
        NormWeight = NormWeight.OneMoreBeforeRounding, NormPlacement = NormPlacement.Around, QueryKeyNorm = QueryKeyNorm.EachHead,
        ActivationSetting = "hidden_activation", Activation = "gelu_pytorch_tanh", ScaledEmbeddings = true,
        Sliding = SlidingRule.Pattern, SlidingTheta = 10_000, Theta = 1_000_000,
        VocabularySize = 262_208, HiddenSize = 2304, IntermediateSize = 9216, LayerCount = 26, HeadCount = 8, KeyValueHeadCount = 4,
        HeadSize = 256, QueryScalar = 256, MaxPositions = 131_072, TiedEmbeddings = true,
    };

    /// <summary>The families by their model_type in config.json.</summary>
    internal static readonly IReadOnlyDictionary<string, ModelFamily> All = new SortedDictionary<string, ModelFamily>(StringComparer.Ordinal)
    {
        ["gemma3"] = Gemma3,
        ["gemma3_text"] = Gemma3,
        ["llama"] = new() { FeedForwardBias = true, MaxPositions = 2048 },
        ["mistral"] = new() { AttentionBias = BiasRule.Never, Sliding = SlidingRule.All, KeyValueHeadCount = 8, MaxPositions = 131_072 },
        ["olmo2"] = new()
        {
            NormWeight = NormWeight.BeforeRounding, NormPlacement = NormPlacement.Behind, QueryKeyNorm = QueryKeyNorm.WholeProjection,
            TurnsIn32Bits = true, NormEpsilon = 1e-5, MaxPositions = 2048,
        },
        ["qwen2"] = Qwen2,
        ["qwen3"] = Qwen2 with { AttentionBias = BiasRule.AsStated, QueryKeyNorm = QueryKeyNorm.EachHead, HeadSize = 128 },
    };

    internal NormWeight NormWeight { get; private init; }

    internal NormPlacement NormPlacement { get; private init; }

    internal QueryKeyNorm QueryKeyNorm { get; private init; }

    internal BiasRule AttentionBias { get; private init; } = BiasRule.AsStated;

    /// <summary>mlp_bias is known.</summary>
    internal bool FeedForwardBias { get; private init; }

    internal SlidingRule Sliding { get; private init; }

    internal bool ScaledEmbeddings { get; private init; }

    internal bool TurnsIn32Bits { get; private init; }

    /// <summary>The name that config.json has for the activation.</summary>
    internal string ActivationSetting { get; private init; } = "hidden_act";

    internal string Activation { get; private init; } = "silu";

    internal double Theta { get; private init; } = 10_000;

    /// <summary>The theta of sliding layers; null where they have no rotary embedding of their own.</summary>
    internal double? SlidingTheta { get; private init; }

    internal double NormEpsilon { get; private init; } = 1e-6;

    internal bool TiedEmbeddings { get; private init; }

    internal int MaxPositions { get; private init; }

    internal int SlidingWindow => 4096;

    internal int? VocabularySize { get; private init; }

    internal int? HiddenSize { get; private init; }

    internal int? IntermediateSize { get; private init; }

    internal int? LayerCount { get; private init; }

    internal int? HeadCount { get; private init; }

    /// <summary>Null where there are as many as query heads.</summary>
    internal int? KeyValueHeadCount { get; private init; }

    /// <summary>Null where the heads share the hidden size.</summary>
    internal int? HeadSize { get; private init; }

    /// <summary>Null where query_pre_attn_scalar is not a setting.</summary>
    internal double? QueryScalar { get; private init; }
}
