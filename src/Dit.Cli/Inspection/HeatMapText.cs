using System.Globalization;
using Dit.Evaluation.Plots;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>A heat map in the terminal: colours where there are some, digits from 0 to 9 where there are none.</summary>
internal static class HeatMapText
{
    private const string Columns = "layer";

    private const int Indent = 2, TotalWidth = 8;

    public static void Print(HeatMap map)
    {
        var console = AnsiConsole.Console;
        var colours = console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors && !Console.IsOutputRedirected;
        var names = Math.Max(Columns.Length, map.Rows.Max(row => row.Length)) + Indent;
        var room = Math.Max(8, console.Profile.Width - names - TotalWidth - 1);
        var wanted = colours ? 4 : map.Columns.Count <= 12 ? 7 : 2;
        var columnsEach = (map.Columns.Count + room - 1) / room;
        var cells = (map.Columns.Count + columnsEach - 1) / columnsEach;
        var width = Math.Clamp(room / cells, 1, wanted);
        Head(map, names, cells, columnsEach, width);
        var largest = map.Largest;
        for (var row = 0; row < map.Rows.Count; row++)
        {
            var line = new Paragraph();
            line.Append(new string(' ', Indent) + map.Rows[row].PadRight(names - Indent + 1));
            for (var cell = 0; cell < cells; cell++)
            {
                var value = Joined(map, row, cell * columnsEach, columnsEach);
                if (colours)
                {
                    line.Append(Coloured(value, width), value is null ? new Style(Color.Grey) : new Style(background: Colour(value.Value, largest)));
                }
                else
                {
                    line.Append(width >= 6 ? Number(value).PadLeft(width) : Digit(value, largest).ToString().PadLeft(width));
                }
            }

            line.Append("  " + Number(Joined(map, row, 0, map.Columns.Count)).PadLeft(TotalWidth - 2), new Style(decoration: Decoration.Dim));
            console.Write(line);
            console.WriteLine();
        }

        Scale(map, names, colours, digits: width < 6, columnsEach);
    }

    private static void Head(HeatMap map, int names, int cells, int columnsEach, int width)
    {
        var head = new char[names + 1 + (cells * width)];
        Array.Fill(head, ' ');
        Columns.CopyTo(head.AsSpan(Indent));
        var wide = width >= 6;
        var longest = map.Columns.Max(column => column.Length);
        var step = wide ? 1 : new[] { 1, 2, 4, 5, 8, 10, 20 }.FirstOrDefault(each => each * width > longest, 50);
        for (var cell = 0; cell < cells; cell += step)
        {
            var name = map.Columns[cell * columnsEach];
            var at = names + 1 + (cell * width) + (wide ? width - name.Length : Math.Max(0, (width - name.Length) / 2));
            if (at + name.Length <= head.Length)
            {
                name.CopyTo(head.AsSpan(at));
            }
        }

        AnsiConsole.Write(new Spectre.Console.Text($"{new string(head)}{"all",TotalWidth}\n", new Style(decoration: Decoration.Dim)));
    }

    private static void Scale(HeatMap map, int names, bool colours, bool digits, int columnsEach)
    {
        var line = new Paragraph();
        line.Append(new string(' ', names + 1));
        if (colours)
        {
            line.Append("0 ");
            for (var i = 0; i < 20; i++)
            {
                line.Append(" ", new Style(background: Colour(i, 19)));
            }

            line.Append($" {Number(map.Largest)}");
        }
        else if (digits)
        {
            line.Append($"0 to 9 stand for 0 to {Number(map.Largest)}");
        }

        var empty = Enumerable.Range(0, map.Rows.Count).Any(row => Enumerable.Range(0, map.Columns.Count).Any(column => map.Value(row, column) is null));
        line.Append(empty ? $"{(colours || digits ? ", " : "")}· {map.EmptyMeaning}" : "");
        line.Append(columnsEach > 1 ? $"; a column holds {columnsEach} layers" : "");
        if (colours || digits || empty)
        {
            AnsiConsole.Write(line);
            AnsiConsole.WriteLine();
        }
    }

    /// <summary>The joint norm of some columns; null where none of them has a number.</summary>
    private static double? Joined(HeatMap map, int row, int first, int count)
    {
        double[] values = [.. Enumerable.Range(first, Math.Min(count, map.Columns.Count - first)).Select(column => map.Value(row, column)).OfType<double>()];
        return values.Length == 0 ? null : Math.Sqrt(values.Sum(value => value * value));
    }

    private static string Coloured(double? value, int width) => value switch
    {
        null => "·".PadLeft((width + 2) / 2).PadRight(width),
        { } number when !double.IsFinite(number) => "!".PadLeft((width + 2) / 2).PadRight(width),
        _ => new string(' ', width),
    };

    private static Color Colour(double value, double largest)
    {
        var (r, g, b) = double.IsFinite(value) ? Viridis.At(value / largest) : new Rgb(214, 39, 40);
        return new Color(r, g, b);
    }

    private static char Digit(double? value, double largest) => value switch
    {
        null => '·',
        { } number when !double.IsFinite(number) => '!',
        { } number => (char)('0' + Math.Clamp((int)Math.Round(9 * number / largest), 0, 9)),
    };

    /// <summary>Three digits that count, in at most six characters.</summary>
    internal static string Number(double? value) => value switch
    {
        null => "·",
        { } number when !double.IsFinite(number) => "NaN",
        0 => "0",
        { } number when number is < 0.001 or >= 100_000 => number.ToString("0.0e0", CultureInfo.InvariantCulture),
        < 1 => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
        < 10 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        < 1e6 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.0e0", CultureInfo.InvariantCulture),
    };
}
