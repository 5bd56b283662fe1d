using System.Globalization;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;
using Dit.Files;

namespace Dit.Evaluation.Tables;

/// <summary>
/// Tables as CSV. A column that holds a mean anywhere becomes four, <c>NAME_mean</c>, <c>_low</c>, <c>_high</c> and <c>_n</c>; names are in
/// snake_case, and numbers are written in full.
/// </summary>
public static partial class CsvTable
{
    /// <summary>Writes a table, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, Table table)
    {
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            bool[] isMean = [.. table.Columns.Select((_, column) => table.Rows.Any(row => row[column] is TableCell.Mean))];
            WriteLine(csv, table.Columns.SelectMany((column, at) => isMean[at] ? Parts.Select(part => Key(column.Name) + part) : [Key(column.Name)]));
            foreach (var row in table.Rows)
            {
                WriteLine(csv, row.SelectMany((cell, at) => isMean[at] ? Four(cell) : [One(cell)]));
            }
        }

        AtomicFile.WriteText(path, text.ToString());
    }

    private static IEnumerable<string> Parts => ["_mean", "_low", "_high", "_n"];

    private static void WriteLine(CsvWriter csv, IEnumerable<string> fields)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }

        csv.NextRecord();
    }

    private static string[] Four(TableCell cell) => cell is TableCell.Mean mean
        ? [Number(mean.Interval.Mean), Number(mean.Interval.Low), Number(mean.Interval.High), mean.Count.ToString(CultureInfo.InvariantCulture)]
        : [One(cell), "", "", ""];

    private static string One(TableCell cell) => cell switch
    {
        TableCell.Words words => words.Text,
        TableCell.Figure figure => Number(figure.Value),
        _ => throw new ArgumentException($"There is no way to write {cell}.", nameof(cell)),
    };

    /// <summary>A name in snake_case.</summary>
    internal static string Key(string name) => Others().Replace(name.ToLowerInvariant(), "_").Trim('_');

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[^\p{L}\p{Nd}]+")]
    private static partial Regex Others();
}
