using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The gated feed-forward part of a layer: down(activation(gate(x)) · up(x)).</summary>
internal sealed class FeedForward(ModelConfig config, string name, Func<string, Tensor> weight)
{
    private readonly SiteLinear gate = SiteLinear.From($"{name}.gate_proj", config.FeedForwardBias, weight);
    private readonly SiteLinear up = SiteLinear.From($"{name}.up_proj", config.FeedForwardBias, weight);
    private readonly SiteLinear down = SiteLinear.From($"{name}.down_proj", config.FeedForwardBias, weight);
    private readonly Activation activation = config.Activation;

    internal Tensor Apply(Tensor x, Overlays overlays) => down.Apply(Activated(gate.Apply(x, overlays)) * up.Apply(x, overlays), overlays);

    private Tensor Activated(Tensor x) =>
        activation == Activation.Silu ? nn.functional.silu(x) : nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);
}
