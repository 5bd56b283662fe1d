using Dit.Diffs;
using TorchSharp;

namespace Dit.Evaluation.Experiments;

/// <summary>How much the diffs of a set change each site on average.</summary>
internal static class MeanNorms
{
    /// <summary>The mean Frobenius norm ‖ΔW‖ by site, a shard in memory at a time.</summary>
    public static IReadOnlyDictionary<string, double> Of(DiffSet set)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var shard in set.Records.GroupBy(record => record.Shard))
        {
            using var scope = torch.NewDisposeScope();
            using var diffs = set.Load([.. shard]);
            foreach (var (site, norms) in diffs.Norms())
            {
                sums[site] = sums.GetValueOrDefault(site) + norms.Sum();
            }
        }

        return sums.ToDictionary(site => site.Key, site => site.Value / set.Records.Count, StringComparer.Ordinal);
    }
}
