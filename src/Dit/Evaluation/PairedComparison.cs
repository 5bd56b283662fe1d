using Dit.Models.Randomness;

namespace Dit.Evaluation;

/// <summary>Two methods' grades of the same diffs beside each other; every difference is the first's grade less the second's.</summary>
/// <param name="Difference">Mean difference with its 95 % bootstrap interval over groups.</param>
/// <param name="Better">Share of diffs where the first is graded higher.</param>
/// <param name="Equal">Share where both are graded the same.</param>
/// <param name="Worse">Share where the first is graded lower.</param>
/// <param name="PValue">
/// How often differences at least as large in either direction come about if it is chance which of the two is which: a two-sided permutation test
/// that flips the signs of whole groups, as values of one group resemble each other (Phipson and Smyth 2010 for the +1 in both counts).
/// </param>
/// <param name="Count">Diffs that both have a grade for; the others are left out.</param>
public sealed record PairedComparison(Interval Difference, double Better, double Equal, double Worse, double PValue, int Count)
{
    private const int Permutations = 9999;

    /// <summary>Compares grades of the same diffs in the same order.</summary>
    /// <param name="first">Grades of the first method; null where there is none.</param>
    /// <param name="second">Grades of the second.</param>
    /// <param name="groups">Which diffs belong together, such as by their label.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or no diff has both grades.</exception>
    public static PairedComparison Of(IReadOnlyList<double?> first, IReadOnlyList<double?> second, IReadOnlyList<string> groups, ulong seed)
    {
        if (first.Count != second.Count || first.Count != groups.Count)
        {
            throw new ArgumentException($"There must be as many second grades and groups as first grades, not {second.Count} and {groups.Count} for {first.Count}.", nameof(second));
        }

        int[] both = [.. Enumerable.Range(0, first.Count).Where(i => first[i] is not null && second[i] is not null)];
        double[][] differences = [.. both.GroupBy(i => groups[i], StringComparer.Ordinal).Select(group => group.Select(i => first[i]!.Value - second[i]!.Value).ToArray())];
        var all = differences.SelectMany(group => group).ToArray();
        return new PairedComparison(
            Interval.Bootstrap(differences, seed), Share(difference => difference > 0), Share(difference => difference == 0), Share(difference => difference < 0),
            SignFlip([.. differences.Select(group => group.Sum())], seed), all.Length);

        double Share(Func<double, bool> counts) => (double)all.Count(counts) / all.Length;
    }

    private static double SignFlip(double[] sums, ulong seed)
    {
        var random = RandomStream.Named(seed, "evaluation/sign-flip");
        // Sums of the same numbers in another order differ by rounding, and must still count as the same.
        var reached = Math.Abs(sums.Sum()) - (1e-9 * sums.Sum(Math.Abs));
        var asLarge = Enumerable.Range(0, Permutations).Count(_ => Math.Abs(sums.Sum(sum => (random.NextUInt64() >> 63) == 0 ? sum : -sum)) >= reached);
        return (asLarge + 1.0) / (Permutations + 1);
    }
}
