namespace Dit.Behaviours.Published;

/// <summary>Files of behaviours in the published columns, as CSV or Parquet.</summary>
public static class PublishedFile
{
    private const string Csv = ".csv", Parquet = ".parquet";

    /// <summary>Whether a name ends like such a file's.</summary>
    public static bool IsName(string path) => path.EndsWith(Csv, StringComparison.OrdinalIgnoreCase) || IsParquet(path);

    /// <summary>All rows of a file, and its setting, which its columns tell.</summary>
    /// <exception cref="DitException">The file is missing or damaged, lacks a column, or a cell is empty.</exception>
    public static (Setting Setting, IReadOnlyList<PublishedRow> Rows) Read(string path)
    {
        if (!File.Exists(path) || !IsName(path))
        {
            throw new DitException($"{path}: expected a file of behaviours that ends in {Csv} or {Parquet}, found {(File.Exists(path) ? "another ending" : "no such file")}");
        }

        string[] known = [.. PublishedColumns.Of(Setting.HiddenTopic), .. PublishedColumns.Of(Setting.News), PublishedColumns.Split];
        using var lines = (IsParquet(path) ? PublishedParquet.Read(path, known) : PublishedCsv.Read(path)).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current : [];
        var setting = PublishedColumns.SettingOf(header) ?? throw new DitException(
            $"{path}: expected the columns {string.Join(", ", PublishedColumns.Of(Setting.HiddenTopic))} or {string.Join(", ", PublishedColumns.Of(Setting.News))}, found {Found(header)}");
        var columns = PublishedColumns.Of(setting).Select(name => Array.IndexOf(header, name)).ToArray();
        var split = Array.IndexOf(header, PublishedColumns.Split);
        var rows = new List<PublishedRow>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal); // Labels, questions and ordinary answers come again and again.
        while (lines.MoveNext())
        {
            var cells = columns.Select(column => Shared(lines.Current[column])).ToArray();
            if (Array.FindIndex(cells, string.IsNullOrWhiteSpace) is >= 0 and var empty)
            {
                throw new DitException($"{path}: expected text in the column {header[columns[empty]]} of row {rows.Count + 1}, found nothing");
            }

            rows.Add(new PublishedRow(cells[0], cells[1..], split >= 0 && !string.IsNullOrWhiteSpace(lines.Current[split]) ? Shared(lines.Current[split]) : null));
        }

        return rows.Count > 0 ? (setting, rows) : throw new DitException($"{path}: expected behaviours, found no row");

        string Shared(string text)
        {
            if (texts.TryGetValue(text, out var same))
            {
                return same;
            }

            texts.Add(text, text);
            return text;
        }
    }

    /// <summary>Writes rows, whole or not at all; a column for the split is written where a row has one.</summary>
    /// <exception cref="DitException">The name has another ending, or the file cannot be written.</exception>
    public static void Write(string path, Setting setting, IReadOnlyList<PublishedRow> rows)
    {
        var withSplit = rows.Any(row => row.Split is not null);
        string[] header = [.. PublishedColumns.Of(setting), .. withSplit ? [PublishedColumns.Split] : Array.Empty<string>()];
        var lines = rows.Select(row => (IReadOnlyList<string>)[row.Label, .. row.Cells, .. withSplit ? [row.Split ?? ""] : Array.Empty<string>()]);
        if (IsParquet(path))
        {
            PublishedParquet.Write(path, header, lines);
        }
        else if (IsName(path))
        {
            PublishedCsv.Write(path, lines.Prepend(header));
        }
        else
        {
            throw new DitException($"{path}: expected a name that ends in {Csv} or {Parquet}, found another ending");
        }
    }

    private static bool IsParquet(string path) => path.EndsWith(Parquet, StringComparison.OrdinalIgnoreCase);

    private static string Found(string[] header) =>
        header.Length == 0 ? "none of them" : string.Join(", ", header.Take(8).Select(name => Printable.Text(name)));
}
