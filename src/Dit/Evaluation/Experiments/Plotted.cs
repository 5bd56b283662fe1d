using System.Globalization;
using Dit.Evaluation.Plots;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>How an experiment is drawn.</summary>
public abstract record Plotted
{
    private const string PaperModel = "Qwen3-4B";

    private protected Plotted()
    {
    }

    /// <summary>Draws graded rows: the share of exact answers, or a judge's grades where there was one.</summary>
    public abstract Picture Draw(ExperimentResults results);

    /// <summary>What rows are measured by: a judge's grade as in the paper, where there is one.</summary>
    private protected static string MeasureOf(ExperimentResults results) => results.Measure;

    private protected static Unit UnitOf(ExperimentResults results) => results.Best(MeasureOf(results)) > 1 ? Unit.Score : Unit.Share;

    private protected static string ValueTitle(ExperimentResults results) => UnitOf(results) == Unit.Score ? "judge's grade, 1 to 5" : "answers that are the label";

    private protected static string Subtitle(ExperimentResults results) =>
        $"{results.Base}, {results.Settings.Count} held-out labels, seeds {string.Join(", ", results.Settings.Seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture)))}";

    /// <summary>The paper's figures of the one model that is in all its experiments: grades beside grades; exact answers beside ours, or where it has none its grades as a share.</summary>
    private protected static (string Name, IReadOnlyDictionary<string, double> Values) Paper(ExperimentResults results)
    {
        var figures = PaperFigures.Of(results.Experiment).Where(figure => figure.Model == PaperModel).ToArray();
        var graded = UnitOf(results) == Unit.Score;
        var measure = !graded && figures.Any(figure => figure.Measure == PaperFigures.Exact) ? PaperFigures.Exact : PaperFigures.Mean;
        var name = $"the paper, {PaperModel}" + (graded ? "" : measure == PaperFigures.Exact ? ", exact" : ": its judge's 1 to 5 as 0 to 100 %");
        return (name, figures.Where(figure => figure.Measure == measure).ToDictionary(figure => figure.At, figure => graded ? figure.Value : figure.Share, StringComparer.Ordinal));
    }
}

/// <summary>A bar for each row with its interval.</summary>
/// <param name="Title">Above the plot.</param>
public sealed record PlottedBars(string Title) : Plotted
{
    /// <inheritdoc />
    public override Picture Draw(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var (name, paper) = Paper(results);
        return new BarChart
        {
            Title = Title,
            Subtitle = Subtitle(results),
            ValueTitle = ValueTitle(results),
            Unit = UnitOf(results),
            Series = [""],
            Groups =
            [
                .. results.Cells.Where(cell => cell.Mean(MeasureOf(results)) is not null).Select(cell => new BarGroup(
                    cell.Cell.Name, [new Bar(cell.Mean(MeasureOf(results))!, paper.TryGetValue(cell.Cell.PaperName, out var value) ? value : null)])),
                // Shares stand beside shares only: a grade from 1 to 5 has no room for them.
                .. results.Cells.Where(cell => UnitOf(results) == Unit.Share && cell.Mean(GradedCell.FalseAlarm) is not null).Select(cell => new BarGroup(
                    $"{cell.Cell.Name}: {GradedCell.FalseAlarm}s", [new Bar(cell.Mean(GradedCell.FalseAlarm)!, null)])),
            ],
            PaperName = name,
        }.Draw();
    }
}

/// <summary>
/// A curve over the numbers that are the rows' names, each point with its interval. A row named <c>full</c> stands behind the largest number;
/// rows with other names are left out.
/// </summary>
/// <param name="Title">Above the plot.</param>
/// <param name="Across">What the numbers are; drawn on a logarithmic scale.</param>
public sealed record PlottedCurve(string Title, string Across) : Plotted
{
    private const string Full = "full";

    /// <inheritdoc />
    public override Picture Draw(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var (name, paper) = Paper(results);
        int[] numbers = [.. results.Cells.Select(cell => cell.Cell.Name).Concat(paper.Keys).Select(at => int.TryParse(at, out var number) ? number : 0).Where(number => number > 0).Distinct().Order()];
        var full = numbers.Length > 0 && results.Cells.Any(cell => cell.Cell.Name == Full) ? 2 * numbers[^1] : (int?)null;
        return new LineChart
        {
            Title = Title,
            Subtitle = Subtitle(results),
            XTitle = Across,
            ValueTitle = ValueTitle(results),
            Unit = UnitOf(results),
            IsLogarithmic = true,
            Ticks = full is { } last ? [.. numbers.Select(number => ((double)number, number.ToString(CultureInfo.InvariantCulture))), (last, Full)] : null,
            Curves =
            [
                new Curve(results.Base, [.. Points(results.Cells.Select(cell => (cell.Cell.Name, cell.Mean(MeasureOf(results)))), full)]),
                new Curve(name, [.. Points(paper.Select(figure => (figure.Key, (Interval?)new Interval(figure.Value, figure.Value, figure.Value))), full)], IsPaper: true),
            ],
        }.Draw();
    }

    private static IEnumerable<CurvePoint> Points(IEnumerable<(string At, Interval? Value)> values, int? full) =>
        from value in values
        let at = int.TryParse(value.At, out var number) ? number : value.At == Full ? full : null
        where at is not null && value.Value is not null
        select new CurvePoint(at.Value, value.Value);
}

/// <summary>A drawing that the experiment made itself.</summary>
/// <param name="Picture">The drawing.</param>
public sealed record PlottedPicture(Picture Picture) : Plotted
{
    /// <inheritdoc />
    public override Picture Draw(ExperimentResults results) => Picture;
}
