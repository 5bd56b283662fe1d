namespace Dit.Evaluation;

/// <summary>How often a judge gave each of its grades.</summary>
/// <param name="Counts">How often each grade from 1 up was given.</param>
/// <param name="Failed">How often there is no grade, as the verdict could not be parsed.</param>
public sealed record Distribution(IReadOnlyList<int> Counts, int Failed)
{
    /// <summary>Counts grades from 1 to the best; one between two counts as the nearer.</summary>
    /// <exception cref="ArgumentException">A grade lies outside.</exception>
    public static Distribution Of(IEnumerable<double?> grades, int best = 5)
    {
        var (counts, failed) = (new int[best], 0);
        foreach (var grade in grades)
        {
            if (grade is not { } given)
            {
                failed++;
            }
            else if (given >= 1 && given <= best)
            {
                counts[(int)Math.Round(given, MidpointRounding.AwayFromZero) - 1]++;
            }
            else
            {
                throw new ArgumentException($"A grade must be from 1 to {best}, not {given}.", nameof(grades));
            }
        }

        return new Distribution(counts, failed);
    }

    /// <summary>Grades and failures together.</summary>
    public int Total => Counts.Sum() + Failed;

    /// <summary>Share of verdicts without a grade; 0 where there is no verdict.</summary>
    public double FailedShare => Total == 0 ? 0 : (double)Failed / Total;

    /// <summary>Share of a grade among those given; 0 where none is.</summary>
    public double Share(int grade) => Total == Failed ? 0 : (double)Counts[grade - 1] / (Total - Failed);
}
