using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The gated feed-forward part of a layer: down(activation(gate(x)) · up(x)).</summary>
internal sealed class FeedForward(ModelConfig config, string name, Func<string, Tensor> weight)
{
    private readonly Activation activation = config.Activation;

    internal SiteLinear Gate { get; } = SiteLinear.From($"{name}.gate_proj", config.FeedForwardBias, weight);

    internal SiteLinear Up { get; } = SiteLinear.From($"{name}.up_proj", config.FeedForwardBias, weight);

    internal SiteLinear Down { get; } = SiteLinear.From($"{name}.down_proj", config.FeedForwardBias, weight);

    internal Tensor Apply(Tensor x, Overlays overlays) => Down.Apply(Activated(Gate.Apply(x, overlays)) * Up.Apply(x, overlays), overlays);

    /// <summary>The activation of the gate.</summary>
    internal Tensor Activated(Tensor x) =>
        activation == Activation.Silu ? nn.functional.silu(x) : nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);
}
