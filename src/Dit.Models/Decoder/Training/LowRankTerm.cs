using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A low-rank pair that a training step adds at a site, y += Scaling · (x Aᵀ) Bᵀ, and where its gradient is added to. With A [N,r,in] and
/// B [N,out,r] every row of the batch has a pair of its own, with A [r,in] and B [out,r] all rows have the same one.
/// </summary>
public sealed class LowRankTerm
{
    private readonly bool ofRow;
    private readonly long rows, rank, inputs, outputs;
    private readonly bool fits;
    private readonly Tensor? rowScalings;

    /// <summary>A pair; a side without a place for its gradient is frozen.</summary>
    /// <param name="a">What takes the input to the rank.</param>
    /// <param name="b">What takes the rank to the output.</param>
    /// <param name="scaling">By what the product is multiplied.</param>
    /// <param name="gradientA">Of the shape of A; null where A is frozen.</param>
    /// <param name="gradientB">Of the shape of B; null where B is frozen.</param>
    /// <param name="rowScalings">[N,1,1], by what each row's product is multiplied instead; null where all have the one.</param>
    public LowRankTerm(Tensor a, Tensor b, double scaling, Tensor? gradientA = null, Tensor? gradientB = null, Tensor? rowScalings = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        (A, B, Scaling, GradientA, GradientB, this.rowScalings) = (a, b, scaling, gradientA, gradientB, rowScalings);
        var (left, right) = (a.shape, b.shape);
        ofRow = left.Length == 3;
        rows = ofRow ? left[0] : 0;
        (rank, inputs, outputs) = (left[^2], left[^1], right[^2]);
        fits = left.Length == right.Length && left.Length is 2 or 3 && right[^1] == rank && (!ofRow || right[0] == rows)
            && (rowScalings is null || rowScalings.shape is [var n, 1, 1] && ofRow && n == rows);
    }

    /// <summary>[N,r,in] or [r,in].</summary>
    public Tensor A { get; }

    /// <summary>[N,out,r] or [out,r].</summary>
    public Tensor B { get; }

    /// <summary>Factor of the product.</summary>
    public double Scaling { get; }

    /// <summary>Where the gradient of A is added to; null where A is frozen.</summary>
    public Tensor? GradientA { get; }

    /// <summary>Where the gradient of B is added to; null where B is frozen.</summary>
    public Tensor? GradientB { get; }

    /// <exception cref="DitException">The shapes do not fit the site or the rows of the batch.</exception>
    internal void CheckFits(Site site, long batchRows)
    {
        if (!fits || inputs != site.InFeatures || outputs != site.OutFeatures || (ofRow && rows != batchRows))
        {
            throw new DitException($"{site.Name}: expected factors A [{batchRows}, r, {site.InFeatures}] and B [{batchRows}, {site.OutFeatures}, r], or the same "
                + $"without rows, found A [{string.Join(", ", A.shape)}] and B [{string.Join(", ", B.shape)}].");
        }
    }

    /// <summary>Scaling · x Aᵀ for x [N,T,in]: [N,T,r].</summary>
    internal Tensor Reduce(Tensor x) => Scale_(ofRow ? bmm(x, A.transpose(1, 2)) : nn.functional.linear(x, A));

    /// <summary>Adds to y [N,T,out] in place what <see cref="Reduce"/> gave, times Bᵀ.</summary>
    internal void AddTo(Tensor y, Tensor reduced)
    {
        if (!ofRow)
        {
            Flat(y, outputs).addmm_(Flat(reduced, rank), B.t(), 1, 1);
        }
        else if (rank == 1)
        {
            // A matrix product over a rank of one is several times slower than the outer product it is.
            y.PlusProduct_(reduced, B.transpose(1, 2));
        }
        else
        {
            y.Plus_(bmm(reduced, B.transpose(1, 2)));
        }
    }

    /// <summary>Adds the gradient of B, and returns that of x Aᵀ, [N,T,r], from that of y [N,T,out].</summary>
    internal Tensor ReduceGradient(Tensor gradient, Tensor reduced)
    {
        if (GradientB is not null)
        {
            if (ofRow)
            {
                GradientB.Plus_(bmm(gradient.transpose(1, 2), reduced));
            }
            else
            {
                GradientB.addmm_(Flat(gradient, outputs).t(), Flat(reduced, rank), 1, 1);
            }
        }

        return Scale_(ofRow ? bmm(gradient, B) : nn.functional.linear(gradient, B.t()));
    }

    /// <summary>Adds the gradient of A, for what <see cref="ReduceGradient"/> gave and the input x [N,T,in].</summary>
    internal void AddGradientA(Tensor reducedGradient, Tensor x)
    {
        if (GradientA is null)
        {
            return;
        }

        if (ofRow)
        {
            GradientA.Plus_(bmm(reducedGradient.transpose(1, 2), x));
        }
        else
        {
            GradientA.addmm_(Flat(reducedGradient, rank).t(), Flat(x, inputs), 1, 1);
        }
    }

    /// <summary>Adds the gradient of x to a sum [N,T,in] in place.</summary>
    internal void AddInputGradient(Tensor sum, Tensor reducedGradient)
    {
        if (!ofRow)
        {
            Flat(sum, inputs).addmm_(Flat(reducedGradient, rank), A, 1, 1);
        }
        else if (rank == 1)
        {
            sum.PlusProduct_(reducedGradient, A);
        }
        else
        {
            sum.Plus_(bmm(reducedGradient, A));
        }
    }

    private Tensor Scale_(Tensor reduced) => rowScalings is null ? reduced.Times_(Scaling) : reduced.mul_(rowScalings);

    private static Tensor Flat(Tensor x, long width) => x.view(-1, width);
}
