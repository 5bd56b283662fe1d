using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Pairs at sites with the same input x, computed together: their A one below the other take x to all their ranks at once. In order of the sites, so
/// that each site's columns lie side by side.
/// </summary>
/// <param name="pairs">At least one.</param>
internal abstract class JoinedPairs(SitePair[] pairs)
{
    /// <summary>The columns of each pair among all.</summary>
    protected (long Start, long Count)[] Columns { get; } = new (long, long)[pairs.Length];

    /// <summary>x Aᵀ times the scaling, kept from the way there.</summary>
    internal Tensor Reduced { get; private protected set; } = null!;

    /// <summary>Adds to the outputs [N,T,out] of the sites, for x [N,T,in].</summary>
    internal abstract void Forward(Tensor x, Tensor[] outputs);

    /// <summary>Adds the gradients of the pairs to where they say and, if there is one, that of x to a sum [N,T,in].</summary>
    internal abstract void Backward(Tensor x, Tensor[] gradients, Tensor? sum);

    /// <summary>The pairs.</summary>
    protected SitePair[] Pairs => pairs;

    /// <summary>Whether an A is trained.</summary>
    protected bool TrainsA => pairs.Any(pair => pair.Term.GradientA is not null);

    /// <summary>The runs of pairs of one site: its number, its first pair and how many there are.</summary>
    protected IEnumerable<(int Site, int First, int Count)> Sites()
    {
        for (int first = 0, next; first < pairs.Length; first = next)
        {
            next = first + 1;
            while (next < pairs.Length && pairs[next].Site == pairs[first].Site)
            {
                next++;
            }

            yield return (pairs[first].Site, first, next - first);
        }
    }

    /// <summary>Lays out the columns.</summary>
    private protected void LayOut(Func<LowRankTerm, long> columns)
    {
        var start = 0L;
        for (var i = 0; i < pairs.Length; i++)
        {
            Columns[i] = (start, columns(pairs[i].Term));
            start += Columns[i].Count;
        }
    }

    /// <summary>One behind the other, or the only one as it is.</summary>
    private protected static Tensor Cat(IReadOnlyList<Tensor> parts, long dimension) => parts.Count == 1 ? parts[0] : cat([.. parts], dimension);
}
