using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The linear layer at a site, with whatever a pass adds there.</summary>
internal sealed record SiteLinear(string Name, Tensor Weight)
{
    internal Tensor Apply(Tensor x, Overlays overlays) => overlays.AddTo(Name, nn.functional.linear(x, Weight), x);
}
