using Dit.Models;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>Diffs that mean nothing: a control for whatever reads diffs.</summary>
public static class RandomDiffs
{
    /// <summary>Random diffs of the same sites and rank, as large as the given ones: equal Frobenius norms at every site of every diff.</summary>
    /// <param name="diffs">What they are to be like.</param>
    /// <param name="random">Where their numbers come from.</param>
    public static DiffStack Like(DiffStack diffs, RandomStream random)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var sites = new Dictionary<string, StackedFactors>(StringComparer.Ordinal);
        foreach (var (site, factors) in diffs.Sites.OrderBy(site => site.Key, StringComparer.Ordinal))
        {
            var (a, b) = (Gaussian(factors.A, random), Gaussian(factors.B, random));
            var factor = (Norms(factors.A, factors.B) / Norms(a, b)).to(b.dtype).view(-1, 1, 1);
            sites[site] = new StackedFactors(a, b.mul_(factor));
        }

        return new DiffStack(sites, diffs.Scaling, diffs.RowScalings);
    }

    /// <summary>‖B A‖ of every diff in float64, from Gram matrices of the rank's size: tr(BᵀB AAᵀ).</summary>
    internal static Tensor Norms(Tensor a, Tensor b)
    {
        var (inputs, outputs) = (a.to(ScalarType.Float64), b.to(ScalarType.Float64));
        var (inner, outer) = (bmm(inputs, inputs.transpose(1, 2)), bmm(outputs.transpose(1, 2), outputs));
        return (inner * outer).sum([1, 2]).AtLeast(0).sqrt();
    }

    private static Tensor Gaussian(Tensor like, RandomStream random)
    {
        var numbers = new float[like.numel()];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (float)random.NextGaussian();
        }

        // A copy: the numbers of an array lie wherever they lie, and the last bits of a product depend on how its factors are aligned.
        using var drawn = tensor(numbers, like.shape);
        return drawn.to(like.dtype, like.device, copy: true);
    }
}
