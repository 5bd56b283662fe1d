using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Sites that take the same input on their way through a training step: the frozen layers and the pairs that are added to them, there and back.</summary>
internal sealed class SitesTraining
{
    private readonly SiteLinear[] sites;
    private readonly TrainingMemory?[] memories;
    private readonly JoinedPairs[] pairs;

    /// <param name="pass">The pairs of all sites.</param>
    /// <param name="sites">The sites, and where the output of each is to lie if it is kept.</param>
    internal SitesTraining(PairsOfPass pass, params (SiteLinear Site, TrainingMemory? Memory)[] sites)
    {
        (this.sites, memories) = ([.. sites.Select(each => each.Site)], [.. sites.Select(each => each.Memory)]);
        pairs = [.. pass.Join(this.sites)];
    }

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => pairs.Select(pair => pair.Reduced);

    /// <summary>x [N,T,in] -> [N,T,out] of each site. Of x nothing is kept but what the pairs have reduced it to.</summary>
    internal Tensor[] Forward(Tensor x)
    {
        var flat = x.view(-1, x.shape[^1]);
        var outputs = new Tensor[sites.Length];
        for (var i = 0; i < sites.Length; i++)
        {
            outputs[i] = TrainingMemory.New(memories[i], [x.shape[0], x.shape[1], sites[i].Weight.Outputs], x);
            sites[i].Weight.ProductInto(outputs[i].view(-1, sites[i].Weight.Outputs), flat, sites[i].Bias);
        }

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
