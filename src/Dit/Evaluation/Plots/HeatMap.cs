using System.Globalization;

namespace Dit.Evaluation.Plots;

/// <summary>A table of numbers as colours, from 0 to the largest.</summary>
public sealed record HeatMap
{
    private const double CellHeight = 34, Left = 72, Top = 86, Bottom = 64, BarGap = 30, BarWidth = 16, Right = 92;

    private static readonly Rgb s_ink = new(0x22, 0x22, 0x22), s_soft = new(0x66, 0x66, 0x66), s_empty = new(0xe9, 0xe9, 0xe9), s_broken = new(0xd6, 0x27, 0x28);

    /// <summary>What is shown, above everything.</summary>
    public required string Title { get; init; }

    /// <summary>A line below the title.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the columns are.</summary>
    public required string ColumnTitle { get; init; }

    /// <summary>What the numbers are.</summary>
    public required string ValueTitle { get; init; }

    /// <summary>Names of the rows, top first.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>Names of the columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The number of a row and a column; null where there is none, NaN where it is not finite.</summary>
    public required Func<int, int, double?> Value { get; init; }

    /// <summary>What it means that there is no number.</summary>
    public string EmptyMeaning { get; init; } = "not in the diff";

    /// <summary>The largest number, at least the smallest that is not 0, so that shares of it can be taken.</summary>
    public double Largest => Math.Max(double.Epsilon, Cells().Select(cell => cell.Value).OfType<double>().Where(double.IsFinite).DefaultIfEmpty().Max());

    private double CellWidth => Math.Round(Math.Clamp(760.0 / Math.Max(1, Columns.Count), 9, 58));

    /// <summary>The drawing.</summary>
    public Picture Draw()
    {
        var shapes = new List<Shape>();
        var (plotWidth, plotHeight) = (CellWidth * Columns.Count, CellHeight * Rows.Count);
        var width = Math.Max(Left + plotWidth + BarGap + BarWidth + Right, 520);
        var mostLetters = (int)((width - 48) / 9.4);
        shapes.Add(new Label(24, 34, Title.Length <= mostLetters ? Title : "…" + Title[^(mostLetters - 1)..], 17, s_ink, IsBold: true));
        shapes.Add(new Label(24, 56, Subtitle, 12.5, s_soft));
        AddCells(shapes);
        AddAxes(shapes, plotWidth, plotHeight);
        AddBar(shapes, Left + plotWidth + BarGap, plotHeight);
        return new Picture(width, Top + plotHeight + Bottom + (AddLegend(shapes, plotHeight) ? 22 : 0), shapes);
    }

    private void AddCells(List<Shape> shapes)
    {
        var largest = Largest;
        foreach (var (row, column, value) in Cells())
        {
            var (x, y) = (Left + (column * CellWidth), Top + (row * CellHeight));
            var colour = value switch { null => s_empty, { } number when !double.IsFinite(number) => s_broken, { } number => Viridis.At(number / largest) };
            shapes.Add(new Box(x, y, CellWidth - 1, CellHeight - 1, colour));
            if (value is { } shown && CellWidth >= 44)
            {
                shapes.Add(new Label(x + (CellWidth / 2), y + (CellHeight / 2) + 4, Short(shown), 11, colour.IsLight ? s_ink : new Rgb(255, 255, 255), Anchor.Middle));
            }
        }
    }

    private void AddAxes(List<Shape> shapes, double plotWidth, double plotHeight)
    {
        for (var row = 0; row < Rows.Count; row++)
        {
            shapes.Add(new Label(Left - 10, Top + ((row + 0.5) * CellHeight) + 4, Rows[row], 13, s_ink, Anchor.End));
        }

        var longest = Columns.Max(column => column.Length);
        var step = new[] { 1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100 }.FirstOrDefault(each => each * CellWidth >= (longest * 8) + 8, 200);
        for (var column = 0; column < Columns.Count; column += step)
        {
            shapes.Add(new Label(Left + ((column + 0.5) * CellWidth), Top + plotHeight + 18, Columns[column], 13, s_ink, Anchor.Middle));
        }

        shapes.Add(new Label(Left + (plotWidth / 2), Top + plotHeight + 42, ColumnTitle, 13, s_soft, Anchor.Middle));
    }

    private void AddBar(List<Shape> shapes, double x, double height)
    {
        const int steps = 64;
        for (var i = 0; i < steps; i++)
        {
            var (top, bottom) = (Math.Round(height * i / steps * PngFile.Scale) / PngFile.Scale, Math.Round(height * (i + 1) / steps * PngFile.Scale) / PngFile.Scale);
            shapes.Add(new Box(x, Top + top, BarWidth, bottom - top, Viridis.At(1 - ((i + 0.5) / steps))));
        }

        foreach (var tick in Ticks(Largest))
        {
            var y = Top + (height * (1 - (tick / Largest)));
            shapes.Add(new Stroke(x + BarWidth, y, x + BarWidth + 4, y, s_soft));
            shapes.Add(new Label(x + BarWidth + 8, y + 4, tick.ToString(tick is > 0 and < 0.001 or >= 100_000 ? "0.#e0" : "0.#####", CultureInfo.InvariantCulture), 12, s_ink));
        }

        // Beside a low bar an upright title would not fit.
        shapes.Add(Rows.Count >= 5
            ? new Label(x + BarWidth + 66, Top + (height / 2), ValueTitle, 13, s_soft, Anchor.Middle, IsUpright: true)
            : new Label(x + BarWidth + 66, Top - 12, ValueTitle, 13, s_soft, Anchor.End));
    }

    /// <summary>Says what colours outside the scale mean, where there are any.</summary>
    private bool AddLegend(List<Shape> shapes, double plotHeight)
    {
        var y = Top + plotHeight + 64;
        var x = Left;
        foreach (var (colour, meaning) in new[] { (s_empty, EmptyMeaning), (s_broken, "not finite") })
        {
            if (Cells().Any(cell => colour == s_empty ? cell.Value is null : cell.Value is { } number && !double.IsFinite(number)))
            {
                shapes.Add(new Box(x, y - 10, 12, 12, colour));
                shapes.Add(new Label(x + 17, y, meaning, 12, s_soft));
                x += 17 + (meaning.Length * 7.5) + 16;
            }
        }

        return x > Left;
    }

    private IEnumerable<(int Row, int Column, double? Value)> Cells() =>
        from row in Enumerable.Range(0, Rows.Count) from column in Enumerable.Range(0, Columns.Count) select (row, column, Value(row, column));

    /// <summary>Four to seven round numbers from 0 to the largest.</summary>
    private static IEnumerable<double> Ticks(double largest)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(largest)) - 1);
        var step = new[] { 2, 5, 10, 20 }.Select(each => each * power).FirstOrDefault(each => largest / each <= 6, largest);
        for (var i = 0; i * step <= largest * (1 + 1e-9); i++)
        {
            yield return i * step;
        }
    }

    /// <summary>Three digits that count.</summary>
    public static string Short(double value) => !double.IsFinite(value) ? "NaN" : value.ToString(Math.Abs(value) is > 0 and < 0.001 or >= 10_000 ? "0.#e0" : value < 1 ? "0.000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
