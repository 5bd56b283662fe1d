using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>An experiment's rows as a table, with the paper's numbers beside them.</summary>
public static class ResultsTable
{
    /// <summary>Everything that was measured.</summary>
    public static Table Full(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return Of(results, results.Graders);
    }

    /// <summary>What fits a terminal.</summary>
    public static Table Short(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return Of(results, [.. results.Graders.Where(grader => grader is "exact" or "judge")]);
    }

    private static Table Of(ExperimentResults results, IReadOnlyList<string> graders)
    {
        var figures = PaperFigures.Of(results.Experiment);
        var models = figures.Select(figure => figure.Model).Distinct(StringComparer.Ordinal).ToArray();
        var (alarms, chance) = (results.Cells.Any(cell => cell.Grades.ContainsKey(GradedCell.FalseAlarm)), results.Cells.Any(cell => cell.Cell.Chance is not null));
        return new Table(
            [
                new Column(results.RowsAre),
                .. graders.Select(grader => new Column(grader, results.Best(grader) == 1 ? Unit.Share : Unit.Score)),
                .. alarms ? [new Column(GradedCell.FalseAlarm, Unit.Share)] : Array.Empty<Column>(),
                .. chance ? [new Column("chance", Unit.Share)] : Array.Empty<Column>(),
                .. models.Select(model => new Column($"paper: {model}")),
            ],
            [.. results.Cells.Select(cell => (IReadOnlyList<TableCell>)
            [
                cell.Cell.Name,
                .. graders.Select(cell.CellOf),
                .. alarms ? [cell.CellOf(GradedCell.FalseAlarm)] : Array.Empty<TableCell>(),
                .. chance ? [cell.Cell.Chance] : Array.Empty<TableCell>(),
                .. models.Select(model => Published([.. figures.Where(figure => figure.Model == model && figure.At == cell.Cell.PaperName)])),
            ])]);
    }

    /// <summary>The paper's mean grade, and in brackets how many of 100 are the label.</summary>
    private static TableCell Published(PaperFigure[] figures)
    {
        var (mean, exact) = (Array.Find(figures, figure => figure.Measure == PaperFigures.Mean), Array.Find(figures, figure => figure.Measure == PaperFigures.Exact));
        return string.Join(' ', new[] { mean is null ? null : $"{mean.Value:0.00}", exact is null ? null : $"({exact.Value:0})" }.OfType<string>());
    }
}
