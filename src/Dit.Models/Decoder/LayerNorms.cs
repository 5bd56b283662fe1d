namespace Dit.Models.Decoding;

/// <summary>
/// The names of a layer's norms. Where there is one before each part only, post_attention_layernorm is the one before the feed-forward part;
/// elsewhere it stands behind the attention. Null where there is none.
/// </summary>
internal static class LayerNorms
{
    private const string PostAttention = "post_attention_layernorm";

    internal static string? BeforeAttention(ModelConfig config) => config.NormPlacement == NormPlacement.Behind ? null : "input_layernorm";

    internal static string? BehindAttention(ModelConfig config) => config.NormPlacement == NormPlacement.Before ? null : PostAttention;

    internal static string? BeforeFeedForward(ModelConfig config) => config.NormPlacement switch
    {
        NormPlacement.Before => PostAttention,
        NormPlacement.Around => "pre_feedforward_layernorm",
        _ => null,
    };

    internal static string? BehindFeedForward(ModelConfig config) =>
        config.NormPlacement == NormPlacement.Before ? null : "post_feedforward_layernorm";

    /// <summary>All that a layer has.</summary>
    internal static IEnumerable<string> All(ModelConfig config) =>
        new[] { BeforeAttention(config), BehindAttention(config), BeforeFeedForward(config), BehindFeedForward(config) }.OfType<string>();
}
