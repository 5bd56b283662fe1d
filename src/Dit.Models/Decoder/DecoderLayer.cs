using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One layer: x + attention(x), then the same with the feed-forward part, with norms before each part, behind it, or both.</summary>
internal sealed class DecoderLayer(ModelConfig config, int index, Func<string, Tensor> weight)
{
    internal RmsNorm? BeforeAttention { get; } = Norm(LayerNorms.BeforeAttention(config), config, index, weight);

    internal Attention Attention { get; } = new(config, index, weight);

    internal RmsNorm? BehindAttention { get; } = Norm(LayerNorms.BehindAttention(config), config, index, weight);

    internal RmsNorm? BeforeFeedForward { get; } = Norm(LayerNorms.BeforeFeedForward(config), config, index, weight);

    internal FeedForward FeedForward { get; } = new(config, $"model.layers.{index}.mlp", weight);

    internal RmsNorm? BehindFeedForward { get; } = Norm(LayerNorms.BehindFeedForward(config), config, index, weight);

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        x = Through(BehindAttention, Attention.Apply(Through(BeforeAttention, x), pass)).Plus_(x);
        return Through(BehindFeedForward, FeedForward.Apply(Through(BeforeFeedForward, x), pass.Overlays)).Plus_(x).MoveToOuterDisposeScope();
    }

    private static Tensor Through(RmsNorm? norm, Tensor x) => norm is null ? x : norm.Apply(x);

    private static RmsNorm? Norm(string? name, ModelConfig config, int index, Func<string, Tensor> weight) =>
        name is null ? null : RmsNorm.From($"model.layers.{index}.{name}", config, weight);
}
