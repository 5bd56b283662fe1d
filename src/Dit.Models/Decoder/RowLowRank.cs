using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A low-rank pair for each row of the batch: row i gets Scaling_i · (x_i A_iᵀ) B_iᵀ. A is [N,r,in], B is [N,out,r]; rows of
/// lower rank are padded with zeros. The pairs are never multiplied out.
/// </summary>
public sealed record RowLowRank : ISiteOverlay
{
    private readonly Tensor? rowScaling;

    /// <summary>All rows scaled alike.</summary>
    public RowLowRank(Tensor a, Tensor b, double scaling) => (A, B, Scaling) = (a, b, scaling);

    /// <summary>Each row with a scaling of its own, [N], or [N,1,1], which is used as it is.</summary>
    public RowLowRank(Tensor a, Tensor b, Tensor rowScaling)
    {
        ArgumentNullException.ThrowIfNull(rowScaling);
        (A, B, Scaling, this.rowScaling) = (a, b, 1, rowScaling.dim() == 3 ? rowScaling : rowScaling.view(-1, 1, 1));
    }

    /// <summary>What takes a row's input to its rank, [N,r,in].</summary>
    public Tensor A { get; }

    /// <summary>What takes the rank to the output, [N,out,r].</summary>
    public Tensor B { get; }

    /// <summary>Factor of all rows (1 where each row has its own).</summary>
    public double Scaling { get; }

    /// <inheritdoc/>
    public int? RowCount => (int)A.shape[0];

    /// <inheritdoc/>
    public Tensor Apply(Tensor x) => IsRankOne ? Reduced(x) * B.transpose(1, 2) : bmm(Reduced(x), B.transpose(1, 2));

    /// <inheritdoc/>
    public Tensor AddTo(Tensor y, Tensor x) => IsRankOne ? y.PlusProduct_(Reduced(x), B.transpose(1, 2)) : y.Plus_(Apply(x));

    /// <inheritdoc/>
    public ISiteOverlay SelectRows(Tensor rows)
    {
        var (a, b) = (A.index_select(0, rows), B.index_select(0, rows));
        return rowScaling is null ? new RowLowRank(a, b, Scaling) : new RowLowRank(a, b, rowScaling.index_select(0, rows));
    }

    /// <inheritdoc/>
    public void CheckFits(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (A.dim() != 3 || B.dim() != 3 || A.shape[2] != site.InFeatures || B.shape[1] != site.OutFeatures
            || A.shape[0] != B.shape[0] || A.shape[1] != B.shape[2] || (rowScaling is not null && rowScaling.shape[0] != A.shape[0]))
        {
            throw new DitException($"{site.Name}: expected factors A [n, r, {site.InFeatures}] and B [n, {site.OutFeatures}, r], "
                + $"found A [{string.Join(", ", A.shape)}] and B [{string.Join(", ", B.shape)}].");
        }
    }

    // A matrix product over a rank of one is several times slower than the outer product it is.
    private bool IsRankOne => A.shape[1] == 1;

    private Tensor Reduced(Tensor x)
    {
        var reduced = bmm(x, A.transpose(1, 2));
        return rowScaling is null ? reduced.Times_(Scaling) : reduced.mul_(rowScaling);
    }
}
