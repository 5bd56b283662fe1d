using System.Globalization;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>An experiment's rows as a table, with the paper's numbers beside them.</summary>
public static class ResultsTable
{
    /// <summary>Everything that was measured, with the paper's figures of each model.</summary>
    public static Table Full(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var figures = PaperFigures.Of(results.Experiment);
        var models = figures.Select(figure => figure.Model).Distinct(StringComparer.Ordinal);
        return Of(results, isFull: true, results.Graders, [.. models.Select(model => ($"paper: {model}", figures.Where(figure => figure.Model == model).ToArray()))]);
    }

    /// <summary>What fits a terminal: all models of the paper in one column.</summary>
    public static Table Short(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        PaperFigure[] figures = [.. PaperFigures.Of(results.Experiment)];
        var models = figures.Select(figure => figure.Model).Distinct(StringComparer.Ordinal).Count();
        return Of(results, isFull: false, [.. results.Graders.Where(grader => grader == "exact" || results.Best(grader) > 1)], figures.Length == 0 ? [] : [($"paper: {(models == 1 ? figures[0].Model : $"{models} models")}", figures)]);
    }

    private static Table Of(ExperimentResults results, bool isFull, IReadOnlyList<string> graders, IReadOnlyList<(string Name, PaperFigure[] Figures)> paper)
    {
        if (results.OwnTable is { } own)
        {
            return own;
        }

        // Columns that some rows fill only; a screen has no room for those that can be read in the files.
        (string Name, Unit Unit)[] others = [.. new[] { (GradedCell.ReciprocalRank, Unit.Score), (GradedCell.InTop, Unit.Share), (GradedCell.FalseAlarm, Unit.Share), (GradedCell.NamesLabel, Unit.Share) }
            .Where(column => results.Cells.Any(cell => cell.Mean(column.Item1) is not null) && (isFull || column.Item1 is GradedCell.FalseAlarm or GradedCell.ReciprocalRank))];
        var (chance, steps) = (results.Cells.Any(cell => cell.Cell.Chance is not null), isFull && results.Cells.Any(cell => cell.Cell.ShowsSteps));
        return new Table(
            [
                new Column(results.RowsAre),
                new Column("answers"),
                .. graders.Select(grader => new Column(grader, results.Best(grader) == 1 ? Unit.Share : Unit.Score)),
                .. others.Select(column => new Column(column.Name, column.Unit)),
                .. chance ? [new Column("chance", Unit.Share)] : Array.Empty<Column>(),
                .. steps ? [new Column("adapter's steps")] : Array.Empty<Column>(),
                .. paper.Select(column => new Column(column.Name)),
            ],
            [.. results.Cells.Select(cell => (IReadOnlyList<TableCell>)
            [
                cell.Cell.Name,
                (double)cell.Cell.Answers.Count,
                .. graders.Select(cell.CellOf),
                .. others.Select(column => cell.CellOf(column.Name)),
                .. chance ? [cell.Cell.Chance] : Array.Empty<TableCell>(),
                .. steps ? [cell.Cell.ShowsSteps ? (TableCell)(double?)cell.Cell.Adapters[0].Steps : TableCell.Empty] : Array.Empty<TableCell>(),
                .. paper.Select(column => Published([.. column.Figures.Where(figure => figure.At == cell.Cell.PaperName)])),
            ])]);
    }

    /// <summary>The paper's mean grade, and in brackets how many of 100 are the label; from the least to the most where there are several.</summary>
    private static TableCell Published(PaperFigure[] figures)
    {
        var (means, exact) = (Range(PaperFigures.Mean, "0.00"), Range(PaperFigures.Exact, "0"));
        return string.Join(' ', new[] { means, exact is null ? null : $"({exact})" }.OfType<string>());

        string? Range(string measure, string format)
        {
            var values = figures.Where(figure => figure.Measure == measure).Select(figure => figure.Value).Order().ToArray();
            return values.Length == 0 ? null
                : values[0] == values[^1] ? values[0].ToString(format, CultureInfo.InvariantCulture)
                : $"{values[0].ToString(format, CultureInfo.InvariantCulture)}–{values[^1].ToString(format, CultureInfo.InvariantCulture)}";
        }
    }
}
