using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One layer: x + attention(x), then the same with the feed-forward part, with norms before each part, behind it, or both.</summary>
internal sealed class DecoderLayer(ModelConfig config, int index, Func<string, Tensor> weight)
{
    private readonly RmsNorm? beforeAttention = Norm(LayerNorms.BeforeAttention(config), config, index, weight);
    private readonly Attention attention = new(config, index, weight);
    private readonly RmsNorm? behindAttention = Norm(LayerNorms.BehindAttention(config), config, index, weight);
    private readonly RmsNorm? beforeFeedForward = Norm(LayerNorms.BeforeFeedForward(config), config, index, weight);
    private readonly FeedForward feedForward = new(config, $"model.layers.{index}.mlp", weight);
    private readonly RmsNorm? behindFeedForward = Norm(LayerNorms.BehindFeedForward(config), config, index, weight);

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        x = Through(behindAttention, attention.Apply(Through(beforeAttention, x), pass)).Plus_(x);
        return Through(behindFeedForward, feedForward.Apply(Through(beforeFeedForward, x), pass.Overlays)).Plus_(x).MoveToOuterDisposeScope();
    }

    private static Tensor Through(RmsNorm? norm, Tensor x) => norm is null ? x : norm.Apply(x);

    private static RmsNorm? Norm(string? name, ModelConfig config, int index, Func<string, Tensor> weight) =>
        name is null ? null : RmsNorm.From($"model.layers.{index}.{name}", config, weight);
}
