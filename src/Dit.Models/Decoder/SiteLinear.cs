using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The linear layer at a site, with whatever a pass adds there.</summary>
internal sealed record SiteLinear(string Name, FrozenWeight Weight, Tensor? Bias)
{
    /// <summary>The layer of this name among named weights.</summary>
    internal static SiteLinear From(string name, bool biased, Func<string, Tensor> weight) =>
        new(name, FrozenWeight.From($"{name}.weight", weight), biased ? weight($"{name}.bias") : null);

    internal Tensor Apply(Tensor x, Overlays overlays) => overlays.AddTo(Name, Weight.Product(x, Bias), x);
}
