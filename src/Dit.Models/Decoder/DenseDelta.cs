using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A full weight difference for all rows: adds x Δᵀ. Delta is [out,in].</summary>
public sealed record DenseDelta(Tensor Delta) : ISiteOverlay
{
    /// <inheritdoc/>
    public Tensor Apply(Tensor x) => nn.functional.linear(x, Delta);

    /// <inheritdoc/>
    public void CheckFits(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (Delta.dim() != 2 || Delta.shape[0] != site.OutFeatures || Delta.shape[1] != site.InFeatures)
        {
            throw new DitException(
                $"{site.Name}: expected a difference of [{site.OutFeatures}, {site.InFeatures}], found [{string.Join(", ", Delta.shape)}].");
        }
    }
}
