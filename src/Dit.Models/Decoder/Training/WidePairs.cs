using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Pairs as one wide pair for all rows: of its columns a row takes those that are its own or everybody's, and 0 of the others.</summary>
internal sealed class WidePairs : JoinedPairs
{
    private readonly Tensor scales;

    /// <param name="pairs">At least one.</param>
    /// <param name="scales">[N,1,columns], the scaling, or 0 where a column is another row's.</param>
    internal WidePairs(SitePair[] pairs, Tensor scales)
        : base(pairs)
    {
        this.scales = scales;
        LayOut(term => term.Rows * term.Rank);
    }

    /// <inheritdoc/>
    internal override void Forward(Tensor x, Tensor[] outputs)
    {
        Reduced = Scaled(Flat(x).mm(A().t()));
        foreach (var (site, first, count) in Sites())
        {
            Flat(outputs[site]).addmm_(Of(Reduced, first, count), B(first, count), 1, 1);
        }
    }

    /// <inheritdoc/>
    internal override void Backward(Tensor x, Tensor[] gradients, Tensor? sum)
    {
        var backs = new List<Tensor>();
        foreach (var (site, first, count) in Sites())
        {
            var gradient = Flat(gradients[site]);
            backs.Add(gradient.mm(B(first, count).t()));
            for (var i = first; i < first + count; i++)
            {
                AddGradientB(i, gradient);
            }
        }

        var back = Scaled(Cat(backs, 1));
        if (TrainsA)
        {
            AddGradientsA(back.t().mm(Flat(x)));
        }

        if (sum is not null)
        {
            Flat(sum).addmm_(back, A(), 1, 1);
        }
    }

    /// <summary>[columns,in].</summary>
    private Tensor A() => Cat([.. Pairs.Select(pair => Flat(pair.Term.A))], 0);

    /// <summary>[columns,out] of a site.</summary>
    private Tensor B(int first, int count) => Cat([.. Enumerable.Range(first, count).Select(i => Pairs[i].Term).Select(term =>
        term.OfRow ? term.B.transpose(1, 2).reshape(term.Rows * term.Rank, -1) : term.B.t())], 0);

    private Tensor Scaled(Tensor columns)
    {
        columns.view(scales.shape[0], -1, scales.shape[2]).mul_(scales);
        return columns;
    }

    private Tensor Of(Tensor columns, int first, int count)
    {
        var last = Columns[first + count - 1];
        return columns.narrow(1, Columns[first].Start, last.Start + last.Count - Columns[first].Start);
    }

    private void AddGradientB(int i, Tensor gradient)
    {
        var (term, reduced) = (Pairs[i].Term, Of(Reduced, i, 1));
        if (!term.OfRow)
        {
            term.GradientB?.addmm_(gradient.t(), reduced, 1, 1);
        }
        else
        {
            term.GradientB?.Plus_(reduced.t().mm(gradient).view(term.Rows, term.Rank, -1).transpose(1, 2));
        }
    }

    private void AddGradientsA(Tensor ofAll)
    {
        for (var i = 0; i < Pairs.Length; i++)
        {
            if (Pairs[i].Term.GradientA is { } gradient)
            {
                Flat(gradient).Plus_(ofAll.narrow(0, Columns[i].Start, Columns[i].Count));
            }
        }
    }

    private static Tensor Flat(Tensor x) => x.dim() == 2 ? x : x.view(-1, x.shape[^1]);
}
