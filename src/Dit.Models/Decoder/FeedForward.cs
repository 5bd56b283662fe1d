using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The gated feed-forward part of a layer: down(silu(gate(x)) · up(x)).</summary>
internal sealed class FeedForward(string name, Func<string, Tensor> weight)
{
    private readonly SiteLinear gate = new($"{name}.gate_proj", weight($"{name}.gate_proj.weight"));
    private readonly SiteLinear up = new($"{name}.up_proj", weight($"{name}.up_proj.weight"));
    private readonly SiteLinear down = new($"{name}.down_proj", weight($"{name}.down_proj.weight"));

    internal Tensor Apply(Tensor x, Overlays overlays) =>
        down.Apply(nn.functional.silu(gate.Apply(x, overlays)) * up.Apply(x, overlays), overlays);
}
