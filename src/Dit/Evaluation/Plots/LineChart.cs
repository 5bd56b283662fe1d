using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Plots;

/// <summary>A point of a curve.</summary>
/// <param name="X">What is varied.</param>
/// <param name="Value">What is measured there, and how sure that is.</param>
public sealed record CurvePoint(double X, Interval Value);

/// <summary>A curve.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points in any order.</param>
/// <param name="IsPaper">Whether it is the paper's: dashed, with open markers and without a band.</param>
public sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points, bool IsPaper = false);

/// <summary>Values over something that is varied, with bands for their intervals.</summary>
public sealed record LineChart
{
    private const double PlotHeight = 300, Left = 78, Right = 34, Bottom = 64, Inset = 18;

    /// <summary>What is shown, above everything.</summary>
    public required string Title { get; init; }

    /// <summary>A line or three below the title.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What is varied.</summary>
    public required string XTitle { get; init; }

    /// <summary>What the numbers are.</summary>
    public required string ValueTitle { get; init; }

    /// <summary>How the numbers are written, and from where to where they may go.</summary>
    public Unit Unit { get; init; } = Unit.Share;

    /// <summary>Whether equal factors of what is varied are equally far apart.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Names of places on the lower axis; null for the numbers of the points where there are few, else round ones.</summary>
    public IReadOnlyList<(double X, string Name)>? Ticks { get; init; }

    /// <summary>The curves.</summary>
    public required IReadOnlyList<Curve> Curves { get; init; }

    private int OwnCount => Curves.Count(curve => !curve.IsPaper);

    /// <summary>The drawing.</summary>
    /// <exception cref="ArgumentException">A number that is not above 0 is to go on a logarithmic axis.</exception>
    public Picture Draw()
    {
        var xs = Curves.SelectMany(curve => curve.Points).Select(point => point.X).Concat(Ticks?.Select(tick => tick.X) ?? []).Distinct().Order().ToArray();
        if (IsLogarithmic && xs.Any(x => x <= 0))
        {
            throw new ArgumentException($"A logarithmic axis takes numbers above 0, not {xs[0]}.");
        }

        var shapes = new List<Shape>();
        var top = Look.AddLegend(shapes, Look.AddHeading(shapes, Title, Subtitle), Legend()) + 10;
        var bottom = top + PlotHeight;
        var across = Across(xs);
        var up = Axis.OfValues(Unit, [.. Curves.SelectMany(curve => curve.Points).SelectMany(point => new[] { point.Value.Mean, point.Value.Low, point.Value.High })], bottom, top);
        AddAxes(shapes, across, up, xs, top, bottom);
        foreach (var (curve, own) in Numbered().Where(each => !each.Curve.IsPaper))
        {
            AddSpread(shapes, curve, own, across, up);
        }

        foreach (var (curve, own) in Numbered().OrderBy(each => !each.Curve.IsPaper))
        {
            AddCurve(shapes, curve, own, across, up);
        }

        return new Picture(Look.Width, bottom + Bottom, shapes);
    }

    private Axis Across(double[] xs)
    {
        var (low, high) = xs.Length switch { 0 => (1.0, 2.0), 1 when IsLogarithmic => (xs[0] / 2, xs[0] * 2), 1 => (xs[0] - 1, xs[0] + 1), _ => (xs[0], xs[^1]) };
        return new Axis(low, high, Left + Inset, Look.Width - Right - Inset, IsLogarithmic);
    }

    private void AddAxes(List<Shape> shapes, Axis across, Axis up, double[] xs, double top, double bottom)
    {
        foreach (var tick in up.Ticks())
        {
            shapes.Add(new Stroke(Left, up.At(tick), Look.Width - Right, up.At(tick), Look.Grid));
            shapes.Add(new Label(Left - 8, up.At(tick) + 4, Axis.Name(tick, Unit), Look.SmallSize, Look.Ink, Anchor.End));
        }

        var free = double.MinValue;
        foreach (var (x, name) in Ticks ?? [.. (xs.Length is > 0 and <= 14 ? xs : across.Ticks()).Select(x => (x, Axis.Name(x, Unit.Plain)))])
        {
            var (at, half) = (across.At(x), PngFile.Width(name, Look.SmallSize) / 2);
            shapes.Add(new Stroke(at, bottom, at, bottom + 5, Look.Ink));
            if (at - half > free)
            {
                shapes.Add(new Label(at, bottom + 19, name, Look.SmallSize, Look.Ink, Anchor.Middle));
                free = at + half + 6;
            }
        }

        shapes.Add(new Stroke(Left, top, Left, bottom, Look.Ink));
        shapes.Add(new Stroke(Left, bottom, Look.Width - Right, bottom, Look.Ink));
        shapes.Add(new Label((Left + Look.Width - Right) / 2, bottom + 44, XTitle, Look.TextSize, Look.Soft, Anchor.Middle));
        shapes.Add(new Label(24, (top + bottom) / 2, ValueTitle, Look.TextSize, Look.Soft, Anchor.Middle, IsUpright: true));
    }

    /// <summary>The band of the intervals, or one whisker where there is one point.</summary>
    private void AddSpread(List<Shape> shapes, Curve curve, int own, Axis across, Axis up)
    {
        CurvePoint[] points = [.. curve.Points.OrderBy(point => point.X)];
        var colour = Look.Colour(own, OwnCount);
        if (points is [var only])
        {
            shapes.Add(new Stroke(across.At(only.X), up.At(only.Value.Low), across.At(only.X), up.At(only.Value.High), colour, 2));
        }
        else if (points.Length > 1)
        {
            var upper = points.Select(point => (across.At(point.X), up.At(point.Value.High)));
            shapes.Add(new Patch([.. upper, .. points.Reverse().Select(point => (across.At(point.X), up.At(point.Value.Low)))], colour, 0.2));
        }
    }

    private void AddCurve(List<Shape> shapes, Curve curve, int own, Axis across, Axis up)
    {
        (double X, double Y)[] points = [.. curve.Points.OrderBy(point => point.X).Select(point => (across.At(point.X), up.At(point.Value.Mean)))];
        var colour = curve.IsPaper ? Look.Soft : Look.Colour(own, OwnCount);
        if (points.Length > 1)
        {
            shapes.Add(new Bend(points, colour, curve.IsPaper ? 1.5 : 2.5, IsDashed: curve.IsPaper));
        }

        shapes.AddRange(points.Select(point => Look.Marker(own, point.X, point.Y, curve.IsPaper ? Look.Ground : colour)));
    }

    private IEnumerable<(string Name, Func<double, double, IEnumerable<Shape>> Sample)> Legend()
    {
        foreach (var (curve, own) in Numbered())
        {
            yield return (curve.Name, (x, y) =>
            {
                var colour = curve.IsPaper ? Look.Soft : Look.Colour(own, OwnCount);
                return [new Bend([(x, y), (x + 30, y)], colour, curve.IsPaper ? 1.5 : 2.5, curve.IsPaper), Look.Marker(own, x + 15, y, curve.IsPaper ? Look.Ground : colour)];
            });
        }

        if (Curves.Any(curve => !curve.IsPaper && curve.Points.Any(point => point.Value.High > point.Value.Low)))
        {
            yield return ("95 % interval", (x, y) => [new Patch([(x, y - 6), (x + 30, y - 6), (x + 30, y + 6), (x, y + 6)], Look.Colour(0, OwnCount), 0.2)]);
        }
    }

    /// <summary>Curves with their number among ours, or among the paper's.</summary>
    private IEnumerable<(Curve Curve, int Own)> Numbered()
    {
        var (ours, papers) = (0, 0);
        foreach (var curve in Curves)
        {
            yield return (curve, curve.IsPaper ? papers++ : ours++);
        }
    }
}
