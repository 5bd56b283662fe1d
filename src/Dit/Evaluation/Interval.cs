using Dit.Models.Randomness;

namespace Dit.Evaluation;

/// <summary>A mean with its 95 % interval.</summary>
public sealed record Interval(double Mean, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>
    /// The mean of grouped values with a percentile bootstrap interval; whole groups are drawn, because values of one group (diffs of one topic)
    /// resemble each other.
    /// </summary>
    public static Interval Bootstrap(IReadOnlyList<double[]> groups, ulong seed)
    {
        var random = RandomStream.Named(seed, "evaluation/bootstrap");
        var sums = groups.Select(group => group.Sum()).ToArray();
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var (sum, count) = (0.0, 0);
            for (var j = 0; j < groups.Count; j++)
            {
                var drawn = random.NextInt(groups.Count);
                sum += sums[drawn];
                count += groups[drawn].Length;
            }

            means[i] = sum / count;
        }

        Array.Sort(means);
        return new Interval(sums.Sum() / groups.Sum(group => group.Length), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples)]);
    }
}
