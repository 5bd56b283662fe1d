using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Something that is added to what a site's linear layer gives: y = x Wᵀ + overlay(x). Knows nothing of which site.</summary>
public interface ISiteOverlay
{
    /// <summary>What is added for x [B,T,in]: a tensor [B,T,out].</summary>
    Tensor Apply(Tensor x);

    /// <summary>Adds <see cref="Apply"/> of <paramref name="x"/> to <paramref name="y"/> [B,T,out] in place.</summary>
    Tensor AddTo(Tensor y, Tensor x) => y.Plus_(Apply(x));

    /// <summary>The overlay for a batch of only these rows (int64 [n], in their order) of the batch it was made for.</summary>
    ISiteOverlay SelectRows(Tensor rows) => this;

    /// <summary>How many rows a batch must have; null where any number will do.</summary>
    int? RowCount => null;

    /// <summary>Says that these factors fit a site, or throws.</summary>
    /// <exception cref="DitException">The shapes do not fit; the message names the site.</exception>
    void CheckFits(Site site);
}
