using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One layer: x + attention(norm(x)), then the same with the feed-forward part.</summary>
internal sealed class DecoderLayer(ModelConfig config, int index, Func<string, Tensor> weight)
{
    private readonly RmsNorm attentionNorm = new(weight($"model.layers.{index}.input_layernorm.weight"), config.NormEpsilon);
    private readonly Attention attention = new(config, $"model.layers.{index}.self_attn", weight);
    private readonly RmsNorm feedForwardNorm = new(weight($"model.layers.{index}.post_attention_layernorm.weight"), config.NormEpsilon);
    private readonly FeedForward feedForward = new($"model.layers.{index}.mlp", weight);

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        x = attention.Apply(attentionNorm.Apply(x), index, pass).add_(x);
        return feedForward.Apply(feedForwardNorm.Apply(x), pass.Overlays).add_(x).MoveToOuterDisposeScope();
    }
}
