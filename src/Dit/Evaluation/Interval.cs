using Dit.Models.Randomness;

namespace Dit.Evaluation;

/// <summary>A mean with its 95 % interval. Values that are all the same leave it without width, however few they are.</summary>
public sealed record Interval(double Mean, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>
    /// The mean of grouped values with a percentile bootstrap interval; whole groups are drawn, because values of one group (diffs of one topic)
    /// resemble each other.
    /// </summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Interval Bootstrap(IReadOnlyList<double[]> groups, ulong seed)
    {
        if (groups.Count == 0 || groups.Any(group => group.Length == 0))
        {
            throw new ArgumentException("There must be a group, and a value in each.", nameof(groups));
        }

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

    /// <summary>The same with a group's name for each value.</summary>
    /// <exception cref="ArgumentException">There is no value, or not as many names.</exception>
    public static Interval Bootstrap(IReadOnlyList<double> values, IReadOnlyList<string> groups, ulong seed)
    {
        if (values.Count != groups.Count)
        {
            throw new ArgumentException($"There must be a group for each of the {values.Count} values, not {groups.Count}.", nameof(groups));
        }

        return Bootstrap([.. Enumerable.Range(0, values.Count).GroupBy(i => groups[i], StringComparer.Ordinal).Select(group => group.Select(i => values[i]).ToArray())], seed);
    }
}
