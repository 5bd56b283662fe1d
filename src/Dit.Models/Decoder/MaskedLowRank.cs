using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// One low-rank pair of which each row of the batch has as much as it likes: row i gets RowScaling_i · (x_i Aᵀ) Bᵀ. A is [r,in], B is [out,r] and
/// RowScaling [N,1,1], 0 where a row is to have none of it. The pair is not copied for the rows.
/// </summary>
internal sealed record MaskedLowRank(Tensor A, Tensor B, Tensor RowScaling) : ISiteOverlay
{
    /// <inheritdoc/>
    public int? RowCount => (int)RowScaling.shape[0];

    /// <inheritdoc/>
    public Tensor Apply(Tensor x) => nn.functional.linear(nn.functional.linear(x, A).mul_(RowScaling), B);

    /// <inheritdoc/>
    public ISiteOverlay SelectRows(Tensor rows) => this with { RowScaling = RowScaling.index_select(0, rows) };

    /// <inheritdoc/>
    public void CheckFits(Site site) => new SharedLowRank(A, B, 1).CheckFits(site);
}
