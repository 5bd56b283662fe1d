using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A site's way through a training step: the frozen layer and the pairs that are added to it, there and back.</summary>
internal sealed class SiteTraining(SiteLinear site, IReadOnlyList<LowRankTerm> terms)
{
    private readonly Tensor[] reduced = new Tensor[terms.Count];

    /// <summary>x [N,T,in] -> [N,T,out]. Of x nothing is kept but what the pairs have reduced it to, which goes to the outer scope.</summary>
    internal Tensor Forward(Tensor x)
    {
        var y = site.Weight.Product(x, site.Bias);
        for (var i = 0; i < terms.Count; i++)
        {
            reduced[i] = terms[i].Reduce(x);
            terms[i].AddTo(y, reduced[i]);
        }

        return y;
    }

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => reduced;

    /// <summary>Adds the gradients of the pairs, for the gradient of the output [N,T,out] and the input x [N,T,in] of the way there; and that of x to a sum, if there is one.</summary>
    internal void Backward(Tensor gradient, Tensor x, Tensor? sum)
    {
        if (sum is not null)
        {
            site.Weight.AddInputGradient(sum.view(-1, sum.shape[^1]), gradient.view(-1, gradient.shape[^1]));
        }

        Pairs(gradient, x, sum);
    }

    /// <summary>The same, where the gradient of x [N,T,in] is a new tensor.</summary>
    internal Tensor Backward(Tensor gradient, Tensor x)
    {
        var sum = site.Weight.InputGradient(gradient.view(-1, gradient.shape[^1])).view(x.shape);
        Pairs(gradient, x, sum);
        return sum;
    }

    private void Pairs(Tensor gradient, Tensor x, Tensor? sum)
    {
        for (var i = 0; i < terms.Count; i++)
        {
            var back = terms[i].ReduceGradient(gradient, reduced[i]);
            terms[i].AddGradientA(back, x);
            if (sum is not null)
            {
                terms[i].AddInputGradient(sum, back);
            }
        }
    }
}
