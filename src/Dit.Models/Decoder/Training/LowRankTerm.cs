using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A low-rank pair that a training step adds at a site, y += Scaling · (x Aᵀ) Bᵀ, and where its gradient is added to. With A [N,r,in] and
/// B [N,out,r] every row of the batch has a pair of its own, with A [r,in] and B [out,r] all rows have the same one.
/// </summary>
public sealed class LowRankTerm
{
    private readonly long inputs, outputs;
    private readonly bool fits;

    /// <summary>A pair; a side without a place for its gradient is frozen.</summary>
    /// <param name="a">What takes the input to the rank.</param>
    /// <param name="b">What takes the rank to the output.</param>
    /// <param name="scaling">By what the product is multiplied.</param>
    /// <param name="gradientA">Of the shape of A; null where A is frozen.</param>
    /// <param name="gradientB">Of the shape of B; null where B is frozen.</param>
    /// <param name="rowScalings">By what each row's product is multiplied instead; null where all have the one.</param>
    public LowRankTerm(Tensor a, Tensor b, double scaling, Tensor? gradientA = null, Tensor? gradientB = null, IReadOnlyList<double>? rowScalings = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        (A, B, Scaling, GradientA, GradientB, RowScalings) = (a, b, scaling, gradientA, gradientB, rowScalings);
        var (left, right) = (a.shape, b.shape);
        OfRow = left.Length == 3;
        Rows = OfRow ? left[0] : 1;
        (Rank, inputs, outputs) = (left[^2], left[^1], right[^2]);
        fits = left.Length == right.Length && left.Length is 2 or 3 && right[^1] == Rank && (!OfRow || right[0] == Rows)
            && (rowScalings is null || (OfRow && rowScalings.Count == Rows));
    }

    /// <summary>[N,r,in] or [r,in].</summary>
    public Tensor A { get; }

    /// <summary>[N,out,r] or [out,r].</summary>
    public Tensor B { get; }

    /// <summary>Factor of the product.</summary>
    public double Scaling { get; }

    /// <summary>Factors of each row's product in its place; null where all rows have the one.</summary>
    public IReadOnlyList<double>? RowScalings { get; }

    /// <summary>Where the gradient of A is added to; null where A is frozen.</summary>
    public Tensor? GradientA { get; }

    /// <summary>Where the gradient of B is added to; null where B is frozen.</summary>
    public Tensor? GradientB { get; }

    /// <summary>Whether every row has a pair of its own.</summary>
    internal bool OfRow { get; }

    /// <summary>How many pairs there are: N, or 1.</summary>
    internal long Rows { get; }

    /// <summary>r.</summary>
    internal long Rank { get; }

    /// <exception cref="DitException">The shapes do not fit the site or the rows of the batch.</exception>
    internal void CheckFits(Site site, long batchRows)
    {
        if (!fits || inputs != site.InFeatures || outputs != site.OutFeatures || (OfRow && Rows != batchRows))
        {
            throw new DitException($"{site.Name}: expected factors A [{batchRows}, r, {site.InFeatures}] and B [{batchRows}, {site.OutFeatures}, r], or the same "
                + $"without rows, found A [{string.Join(", ", A.shape)}] and B [{string.Join(", ", B.shape)}].");
        }
    }
}
