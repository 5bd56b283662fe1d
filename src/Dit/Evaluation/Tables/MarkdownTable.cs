using System.Globalization;
using Dit.Files;

namespace Dit.Evaluation.Tables;

/// <summary>Tables as Markdown, aligned so that the source can be read too: <c>75.7 % [70.0, 81.0]</c>.</summary>
public static class MarkdownTable
{
    private const int LongestText = 200;

    /// <summary>Writes a table, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, Table table) => AtomicFile.WriteText(path, Text(table));

    /// <summary>The table's lines.</summary>
    public static string Text(Table table)
    {
        string[][] rows = [[.. table.Columns.Select(column => Escaped(column.Name))], .. table.Rows.Select(row => row.Select((cell, at) => Escaped(Shown(cell, table.Columns[at].Unit))).ToArray())];
        int[] widths = [.. table.Columns.Select((_, at) => Math.Max(4, rows.Max(row => Width(row[at]))))];
        bool[] isNumber = [.. table.Columns.Select((_, at) => table.Rows.Any(row => row[at] is not TableCell.Words) && table.Rows.All(row => row[at] is not TableCell.Words { Text.Length: > 0 }))];
        var lines = rows.Select(row => Line(row.Select((text, at) => isNumber[at] ? Blanks(text, at) + text : text + Blanks(text, at)))).ToList();
        lines.Insert(1, Line(widths.Select((width, at) => isNumber[at] ? new string('-', width - 1) + ":" : new string('-', width))));
        return string.Concat(lines.Select(line => line + "\n"));

        string Blanks(string text, int at) => new(' ', widths[at] - Width(text));
    }

    /// <summary>A mean with its interval, such as <c>75.7 % [70.0, 81.0]</c>.</summary>
    public static string Shown(Interval interval, Unit unit) => $"{Shown(interval.Mean, unit)} [{Digits(interval.Low, unit)}, {Digits(interval.High, unit)}]";

    /// <summary>A number, such as <c>75.7 %</c>.</summary>
    public static string Shown(double value, Unit unit) => Digits(value, unit) + (unit == Unit.Share ? " %" : "");

    /// <summary>What stands in a cell, for people to read anywhere.</summary>
    public static string Shown(TableCell cell, Unit unit) => cell switch
    {
        TableCell.Words words => words.Text,
        TableCell.Figure figure => Shown(figure.Value, unit),
        TableCell.Mean mean => Shown(mean.Interval, unit),
        _ => throw new ArgumentException($"There is no way to write {cell}.", nameof(cell)),
    };

    private static string Digits(double value, Unit unit)
    {
        var text = (unit == Unit.Share ? 100 * value : value).ToString(unit switch { Unit.Share => "0.0", Unit.Score => "0.00", _ => "0.####" }, CultureInfo.InvariantCulture);
        return text.Trim('-', '0', '.').Length == 0 ? text.TrimStart('-') : text;
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static int Width(string text) => new StringInfo(text).LengthInTextElements;

    /// <summary>Text from outside must neither end its cell nor become a tag.</summary>
    private static string Escaped(string text) => Printable.Line(text, LongestText).Replace("\\", "\\\\").Replace("|", "\\|").Replace("<", "\\<");
}
