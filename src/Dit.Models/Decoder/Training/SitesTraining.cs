using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Sites that take the same input on their way through a training step: the frozen layers and the pairs that are added to them, there and back.</summary>
internal sealed class SitesTraining
{
    private readonly SiteLinear[] sites;
    private readonly JoinedPairs[] pairs;

    internal SitesTraining(PairsOfPass pass, params SiteLinear[] sites)
    {
        this.sites = sites;
        pairs = [.. pass.Join(sites)];
    }

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => pairs.Select(pair => pair.Reduced);

    /// <summary>x [N,T,in] -> [N,T,out] of each site. Of x nothing is kept but what the pairs have reduced it to.</summary>
    internal Tensor[] Forward(Tensor x)
    {
        var outputs = Array.ConvertAll(sites, site => site.Weight.Product(x, site.Bias));
        foreach (var pair in pairs)
        {
            pair.Forward(x, outputs);
        }

        return outputs;
    }

    /// <summary>
    /// Adds the gradients of the pairs, for those of the outputs [N,T,out], contiguous, and the input x [N,T,in] of the way there.
    /// </summary>
    /// <returns>The gradient of x; null where it is not asked for.</returns>
    internal Tensor? Backward(Tensor[] gradients, Tensor x, bool needsInput = true)
    {
        Tensor? sum = null;
        for (var i = 0; needsInput && i < sites.Length; i++)
        {
            var flat = gradients[i].view(-1, gradients[i].shape[^1]);
            if (sum is null)
            {
                sum = sites[i].Weight.InputGradient(flat);
            }
            else
            {
                sites[i].Weight.AddInputGradient(sum, flat);
            }
        }

        sum = sum?.view(x.shape);
        foreach (var pair in pairs)
        {
            pair.Backward(x, gradients, sum);
        }

        return sum;
    }
}
