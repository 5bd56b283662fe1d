using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Pairs of many rows, each row multiplied with its own.</summary>
internal sealed class RowPairs : JoinedPairs
{
    private readonly Tensor scales;

    /// <param name="pairs">At least one; of each row its own.</param>
    /// <param name="scales">[N,1,columns], the scaling.</param>
    internal RowPairs(SitePair[] pairs, Tensor scales)
        : base(pairs)
    {
        this.scales = scales;
        LayOut(term => term.Rank);
    }

    /// <inheritdoc/>
    internal override void Forward(Tensor x, Tensor[] outputs)
    {
        Reduced = bmm(x, A().transpose(1, 2)).mul_(scales);
        for (var i = 0; i < Pairs.Length; i++)
        {
            Add(outputs[Pairs[i].Site], Of(Reduced, i), Pairs[i].Term.B.transpose(1, 2));
        }
    }

    /// <inheritdoc/>
    internal override void Backward(Tensor x, Tensor[] gradients, Tensor? sum)
    {
        var backs = new List<Tensor>();
        for (var i = 0; i < Pairs.Length; i++)
        {
            var gradient = gradients[Pairs[i].Site];
            backs.Add(bmm(gradient, Pairs[i].Term.B));
            Pairs[i].Term.GradientB?.Plus_(bmm(gradient.transpose(1, 2), Of(Reduced, i)));
        }

        var back = Cat(backs, 2).mul_(scales);
        if (TrainsA)
        {
            var ofAll = bmm(back.transpose(1, 2), x);
            for (var i = 0; i < Pairs.Length; i++)
            {
                Pairs[i].Term.GradientA?.Plus_(ofAll.narrow(1, Columns[i].Start, Columns[i].Count));
            }
        }

        if (sum is not null)
        {
            Add(sum, back, A());
        }
    }

    /// <summary>[N,columns,in].</summary>
    private Tensor A() => Cat([.. Pairs.Select(pair => pair.Term.A)], 1);

    private Tensor Of(Tensor columns, int i) => columns.narrow(2, Columns[i].Start, Columns[i].Count);

    // A matrix product over a rank of one is several times slower than the outer product it is.
    private static void Add(Tensor sum, Tensor left, Tensor right)
    {
        if (right.shape[1] == 1)
        {
            sum.PlusProduct_(left, right);
        }
        else
        {
            sum.Plus_(bmm(left, right));
        }
    }
}
