using Dit.Evaluation.Graders;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>A row of an experiment's table with its figures.</summary>
/// <param name="Cell">The row.</param>
/// <param name="Grades">By grader, the grade of every answer in the row's order; null where none could be had.</param>
public sealed record GradedCell(Cell Cell, IReadOnlyDictionary<string, IReadOnlyList<double?>> Grades)
{
    /// <summary>Name of the grade that says whether something was told of nothing; there is none where the adapter never learned what to say then.</summary>
    public const string FalseAlarm = "false alarm";

    /// <summary>Name of the grade that says whether a label was told of nothing, whatever an adapter has learned.</summary>
    public const string NamesLabel = "names a label";

    /// <summary>Name of the grade that is one over the label's rank among all held-out labels.</summary>
    public const string ReciprocalRank = "reciprocal rank";

    /// <summary>Name of the grade that says whether the label is among the first five of all held-out labels.</summary>
    public const string InTop = "in top 5";

    /// <summary>Seed of all bootstraps.</summary>
    internal const ulong Seed = 1;

    /// <summary>The mean grade with its interval; whole labels are drawn, as diffs of one label resemble each other. Null where there is no grade.</summary>
    public Interval? Mean(string grader)
    {
        if (!Grades.TryGetValue(grader, out var grades))
        {
            return null;
        }

        int[] given = [.. Enumerable.Range(0, grades.Count).Where(i => grades[i] is not null)];
        return given.Length == 0 ? null : Interval.Bootstrap([.. given.Select(i => grades[i]!.Value)], [.. given.Select(i => Cell.Answers[i].Group)], Seed);
    }

    /// <summary>The mean grade for a table; of a single group, such as one question, nobody can say how sure it is.</summary>
    internal TableCell CellOf(string grader) => Mean(grader) is not { } mean ? TableCell.Empty
        : Cell.Answers.Select(answer => answer.Group).Distinct(StringComparer.Ordinal).Skip(1).Any() ? TableCell.Of(mean, Grades[grader].Count(grade => grade is not null))
        : TableCell.Of(mean.Mean);

    /// <summary>Grades the answers of a row. Where the model carried nothing, or random numbers, there is no right answer, only false alarms.</summary>
    /// <param name="cell">The row.</param>
    /// <param name="graders">The graders.</param>
    /// <param name="labels">All labels of the row's setting, held out or not.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DitException">A grader's endpoint fails.</exception>
    public static GradedCell Of(Cell cell, IReadOnlyList<IGrader> graders, IReadOnlyList<string> labels, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(graders);
        var grades = new Dictionary<string, IReadOnlyList<double?>>(StringComparer.Ordinal);
        if (cell.Condition is Condition.BareBase or Condition.Random)
        {
            var known = labels.Select(ExactMatch.Plain).ToHashSet(StringComparer.Ordinal);
            grades[FalseAlarm] = [.. cell.Answers.Select(answer => FalseAlarms.Is(answer) is { } isOne ? isOne ? 1.0 : 0 : (double?)null)];
            grades[NamesLabel] = [.. cell.Answers.Select(answer => (double?)(known.Contains(ExactMatch.Plain(answer.Interpretation.Answer)) ? 1 : 0))];
            return new GradedCell(cell, grades);
        }

        GradedPair[] pairs = [.. cell.Answers.Select(answer => new GradedPair(answer.Interpretation.Answer, answer.Subject.Label))];
        foreach (var grader in graders.Where(grader => cell.CanBeJudged || grader.Best <= 1))
        {
            grades[grader.Name] = grader.Grade(pairs, cancellation);
        }

        if (cell.Answers.Any(answer => answer.Rank is not null))
        {
            grades[ReciprocalRank] = [.. cell.Answers.Select(answer => 1.0 / answer.Rank)];
            grades[InTop] = [.. cell.Answers.Select(answer => answer.Rank is { } rank ? rank <= 5 ? 1.0 : 0 : (double?)null)];
        }

        return new GradedCell(cell, grades);
    }
}
