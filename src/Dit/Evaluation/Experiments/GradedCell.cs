using Dit.Evaluation.Graders;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>A row of an experiment's table with its figures.</summary>
/// <param name="Cell">The row.</param>
/// <param name="Grades">By grader, the grade of every answer in the row's order; null where none could be had.</param>
public sealed record GradedCell(Cell Cell, IReadOnlyDictionary<string, IReadOnlyList<double?>> Grades)
{
    /// <summary>Seed of all bootstraps.</summary>
    private const ulong Seed = 1;

    /// <summary>Name of the grade that says whether something was told of nothing.</summary>
    public const string FalseAlarm = "false alarm";

    /// <summary>The mean grade with its interval; whole labels are drawn, as diffs of one label resemble each other. Null where there is no grade.</summary>
    public Interval? Mean(string grader)
    {
        if (!Grades.TryGetValue(grader, out var grades))
        {
            return null;
        }

        int[] given = [.. Enumerable.Range(0, grades.Count).Where(i => grades[i] is not null)];
        return given.Length == 0 ? null : Interval.Bootstrap([.. given.Select(i => grades[i]!.Value)], [.. given.Select(i => Cell.Answers[i].Subject.Label)], Seed);
    }

    /// <summary>The mean grade for a table.</summary>
    internal TableCell CellOf(string grader) => TableCell.Of(Mean(grader), Grades.TryGetValue(grader, out var grades) ? grades.Count(grade => grade is not null) : 0);

    /// <summary>Grades the answers of a row. Where the model carried nothing, or random numbers, there is no right answer, only false alarms.</summary>
    /// <exception cref="DitException">A grader's endpoint fails.</exception>
    public static GradedCell Of(Cell cell, IReadOnlyList<IGrader> graders, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(graders);
        if (cell.Condition is Condition.BareBase or Condition.Random)
        {
            return new GradedCell(cell, new Dictionary<string, IReadOnlyList<double?>>(StringComparer.Ordinal)
            {
                [FalseAlarm] = [.. cell.Answers.Select(answer => (double?)(FalseAlarms.Is(answer) ? 1 : 0))],
            });
        }

        GradedPair[] pairs = [.. cell.Answers.Select(answer => new GradedPair(answer.Interpretation.Answer, answer.Subject.Label))];
        return new GradedCell(cell, graders.ToDictionary(grader => grader.Name, grader => grader.Grade(pairs, cancellation), StringComparer.Ordinal));
    }
}
