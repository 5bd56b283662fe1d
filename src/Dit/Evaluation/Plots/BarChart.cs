using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Plots;

/// <summary>A bar.</summary>
/// <param name="Value">Its length, and how sure that is.</param>
/// <param name="Paper">What the paper has in its place; null for nothing.</param>
public sealed record Bar(Interval Value, double? Paper = null);

/// <summary>Bars that belong together.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Bars">One for each series; null where there is none.</param>
public sealed record BarGroup(string Name, IReadOnlyList<Bar?> Bars);

/// <summary>Values with their intervals side by side, as lying bars, so that long names can be read.</summary>
public sealed record BarChart
{
    private const double BarHeight = 17, GroupGap = 15, LineHeight = 15, MostNameWidth = 220, Right = 74, Bottom = 62;

    /// <summary>What is shown, above everything.</summary>
    public required string Title { get; init; }

    /// <summary>A line or three below the title.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the numbers are.</summary>
    public required string ValueTitle { get; init; }

    /// <summary>How the numbers are written, and from where to where they may go.</summary>
    public Unit Unit { get; init; } = Unit.Share;

    /// <summary>Names of the series, for the legend; one that has no name is not in it.</summary>
    public required IReadOnlyList<string> Series { get; init; }

    /// <summary>The groups, top first.</summary>
    public required IReadOnlyList<BarGroup> Groups { get; init; }

    /// <summary>What the markers of the paper are, for the legend.</summary>
    public string PaperName { get; init; } = "the paper";

    /// <summary>The drawing.</summary>
    public Picture Draw()
    {
        var shapes = new List<Shape>();
        var top = Look.AddLegend(shapes, Look.AddHeading(shapes, Title, Subtitle), Legend()) + 6;
        var names = Groups.Select(group => Look.Broken(group.Name, Look.TextSize, MostNameWidth, 3)).ToArray();
        var left = 36 + names.SelectMany(lines => lines).Select(line => PngFile.Width(line, Look.TextSize)).DefaultIfEmpty().Max();
        var heights = names.Select(lines => Math.Max(Series.Count * BarHeight, lines.Count * LineHeight)).ToArray();
        var bottom = top + heights.Sum(height => height + GroupGap);
        var axis = Axis.OfValues(Unit, [.. All().SelectMany(bar => new[] { bar.Value.Mean, bar.Value.Low, bar.Value.High, bar.Paper ?? bar.Value.Mean })], left, Look.Width - Right);
        AddAxis(shapes, axis, top, bottom);
        var y = top + (GroupGap / 2);
        for (var at = 0; at < Groups.Count; at++)
        {
            var middle = y + (heights[at] / 2);
            for (var line = 0; line < names[at].Count; line++)
            {
                shapes.Add(new Label(left - 12, middle + ((line - ((names[at].Count - 1) / 2.0)) * LineHeight) + 4.5, names[at][line], Look.TextSize, Look.Ink, Anchor.End));
            }

            AddBars(shapes, Groups[at], axis, middle - (Series.Count * BarHeight / 2));
            y += heights[at] + GroupGap;
        }

        shapes.Add(new Stroke(left, top, left, bottom, Look.Ink));
        return new Picture(Look.Width, bottom + Bottom, shapes);
    }

    private void AddAxis(List<Shape> shapes, Axis axis, double top, double bottom)
    {
        foreach (var tick in axis.Ticks())
        {
            shapes.Add(new Stroke(axis.At(tick), top, axis.At(tick), bottom, Look.Grid));
            shapes.Add(new Label(axis.At(tick), bottom + 18, Axis.Name(tick, Unit), Look.SmallSize, Look.Ink, Anchor.Middle));
        }

        shapes.Add(new Label((axis.At(double.MinValue) + axis.At(double.MaxValue)) / 2, bottom + 42, ValueTitle, Look.TextSize, Look.Soft, Anchor.Middle));
    }

    private void AddBars(List<Shape> shapes, BarGroup group, Axis axis, double top)
    {
        var start = axis.At(Unit == Unit.Score ? 1 : 0);
        for (var series = 0; series < Series.Count; series++)
        {
            if (series >= group.Bars.Count || group.Bars[series] is not { } bar)
            {
                continue;
            }

            var (y, end) = (top + ((series + 0.5) * BarHeight), axis.At(bar.Value.Mean));
            var (low, high) = (axis.At(bar.Value.Low), axis.At(bar.Value.High));
            shapes.Add(new Box(Math.Min(start, end), y - (BarHeight / 2) + 1, Math.Abs(end - start), BarHeight - 2, Look.Colour(series, Series.Count)));
            if (high > low)
            {
                AddWhisker(shapes, low, high, y);
            }

            if (bar.Paper is { } paper)
            {
                shapes.Add(Look.PaperMarker(axis.At(paper), y));
            }

            // In a column of their own, as beside a bar they would meet whiskers and markers.
            shapes.Add(new Label(Look.Width - 16, y + 4, MarkdownTable.Shown(bar.Value.Mean, Unit), Look.SmallSize, Look.Ink, Anchor.End));
        }
    }

    /// <summary>White around black, so that it is seen on dark bars and beside them.</summary>
    private static void AddWhisker(List<Shape> shapes, double low, double high, double y)
    {
        foreach (var (colour, width) in new[] { (Look.Ground, 3.5), (Look.Ink, 1.5) })
        {
            shapes.Add(new Stroke(low, y, high, y, colour, width));
            shapes.Add(new Stroke(low, y - 4, low, y + 4, colour, width));
            shapes.Add(new Stroke(high, y - 4, high, y + 4, colour, width));
        }
    }

    private IEnumerable<(string Name, Func<double, double, IEnumerable<Shape>> Sample)> Legend()
    {
        for (var i = 0; i < Series.Count; i++)
        {
            var colour = Look.Colour(i, Series.Count);
            if (Series[i].Length > 0)
            {
                yield return (Series[i], (x, y) => [new Box(x, y - 6, 30, 12, colour)]);
            }
        }

        if (All().Any(bar => bar.Value.High > bar.Value.Low))
        {
            yield return ("95 % interval", (x, y) =>
            {
                var sample = new List<Shape>();
                AddWhisker(sample, x + 4, x + 26, y);
                return sample;
            });
        }

        if (All().Any(bar => bar.Paper is not null))
        {
            yield return (PaperName, (x, y) => [Look.PaperMarker(x + 15, y)]);
        }
    }

    private IEnumerable<Bar> All() => Groups.SelectMany(group => group.Bars).OfType<Bar>();
}
