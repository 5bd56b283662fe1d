using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>One low-rank pair for all rows: adds Scaling · (x Aᵀ) Bᵀ. A is [r,in], B is [out,r].</summary>
public sealed record SharedLowRank(Tensor A, Tensor B, double Scaling) : ISiteOverlay
{
    /// <inheritdoc/>
    public Tensor Apply(Tensor x) => nn.functional.linear(nn.functional.linear(x, A).Times_(Scaling), B);

    /// <inheritdoc/>
    public void CheckFits(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (A.dim() != 2 || B.dim() != 2 || A.shape[1] != site.InFeatures || B.shape[0] != site.OutFeatures || A.shape[0] != B.shape[1])
        {
            throw new DitException($"{site.Name}: expected factors A [r, {site.InFeatures}] and B [{site.OutFeatures}, r], "
                + $"found A [{string.Join(", ", A.shape)}] and B [{string.Join(", ", B.shape)}].");
        }
    }
}
