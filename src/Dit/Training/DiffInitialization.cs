using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>The factors from which training starts: one side random, the other zero, so that nothing is changed yet.</summary>
public static class DiffInitialization
{
    /// <summary>One diff per id at every site; each id draws from streams of its own. The factors are on the CPU where no other device is named.</summary>
    public static DiffStack Draw(IReadOnlyList<Site> sites, IReadOnlyList<string> ids, DiffRecipe recipe, ulong seed, Device? device = null)
    {
        if (recipe.Full)
        {
            return FullFinetunes.Start(sites, ids.Count, device ?? CPU);
        }

        int[] ranks = [.. ids.Select(id => recipe.RankOf(id, seed))];
        using var scope = NewDisposeScope();
        return new(
            sites.ToDictionary(
                site => site.Name,
                site => new StackedFactors(
                    Side(site, ids, ranks, recipe.LargestRank, site.InFeatures, recipe.RandomSide == RandomSide.Input ? seed : null, device ?? CPU),
                    Side(site, ids, ranks, recipe.LargestRank, site.OutFeatures, recipe.RandomSide == RandomSide.Output ? seed : null, device ?? CPU)
                        .transpose(1, 2).contiguous()),
                StringComparer.Ordinal),
            recipe.Ranks.Count == 0 ? 1.0 / recipe.Rank : 1,
            recipe.Ranks.Count == 0 ? null : [.. ranks.Select(rank => 1.0 / rank)]);
    }

    /// <summary>[n, rank, features]: zeros, or normal numbers of variance 1/features in the rows of each one's own rank.</summary>
    private static Tensor Side(Site site, IReadOnlyList<string> ids, int[] ranks, int rank, int features, ulong? seed, Device device)
    {
        var values = new float[ids.Count * rank * features];
        for (var i = 0; seed is { } s && i < ids.Count; i++)
        {
            var random = RandomStream.Named(s, $"diffs/{ids[i]}/initial/{site.Name}");
            for (var j = 0; j < ranks[i] * features; j++)
            {
                values[(i * rank * features) + j] = (float)(random.NextGaussian() / Math.Sqrt(features));
            }
        }

        // A copy: the numbers of an array lie wherever they lie, and the last bits of a product depend on how its factors are aligned.
        using var drawn = tensor(values, ids.Count, rank, features);
        return drawn.to(device, copy: true);
    }
}
