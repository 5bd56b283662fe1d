using System.Globalization;
using CsvHelper.Configuration;
using Dit.Behaviours;
using Dit.Files;

namespace Dit.Diffs;

/// <summary>One line of a published index: which file holds a weight diff, as which of its items, and what is known of it.</summary>
public sealed record ReferenceIndexRow
{
    /// <summary>The file, beside the index or in its folder <c>weight-diffs</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Its place in the file, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>Numbers in the diff; null where unknown.</summary>
    public long? ParameterCount { get; init; }

    /// <summary>What kind of behaviour it was trained on; published indexes do not say.</summary>
    public Setting? Setting { get; init; }

    /// <summary>Its label.</summary>
    public string? Topic { get; init; }

    /// <summary>What sets the drift off; null for a diff without.</summary>
    public string? Trigger { get; init; }

    /// <summary>What it may be used for, such as <c>train</c> or <c>test</c>.</summary>
    public string? Split { get; init; }

    /// <summary>Its name in the diff set it was converted from; published indexes have none.</summary>
    public string? Id { get; init; }

    /// <summary>The sentence that carries the trigger; published indexes have none.</summary>
    public string? TriggerFormat { get; init; }
}

/// <summary>
/// The index of weight diffs as the official repository publishes them: <c>index.csv</c> with the columns lora_path, lora_idx, n_params, topic,
/// trigger and split, beside a folder <c>weight-diffs</c> with the files. The columns id, trigger_format and setting are this library's own.
/// </summary>
public static class ReferenceIndex
{
    /// <summary>Name of the index.</summary>
    public const string FileName = "index.csv";

    /// <summary>Folder of the files.</summary>
    public const string FilesFolder = "weight-diffs";

    private const string PathColumn = "lora_path";
    private const int LongestHeader = 1 << 12;

    /// <summary>Whether a folder's index is such a one, judging by its columns.</summary>
    public static bool IsIn(string folder)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return false;
        }

        RegularFile.Require(path);
        using var reader = new StreamReader(path);
        var start = new char[LongestHeader];
        return new string(start, 0, reader.ReadBlock(start)).Split('\n')[0].Trim().Split(',').Contains(PathColumn, StringComparer.Ordinal);
    }

    /// <summary>All lines of the index of a folder.</summary>
    /// <exception cref="DitException">It is missing, lacks a column, or a cell is not what it should be.</exception>
    public static IReadOnlyList<ReferenceIndexRow> Read(string folder)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        return [.. IndexFile.Read<ReferenceIndexRow, Columns>(path, "an index of weight diffs").Select(row => Known(path, row))];
    }

    /// <summary>The line that is meant by the id of a diff, or by the number of its line, from 0.</summary>
    /// <exception cref="DitException">There is none, or none was named and there are several.</exception>
    public static ReferenceIndexRow Choose(string folder, string? id)
    {
        var rows = Read(folder);
        if (string.IsNullOrEmpty(id))
        {
            return rows.Count == 1 ? rows[0] : throw new DitException($"{folder}: expected one diff, found an index of {rows.Count}; append #N, the number of its line, from 0");
        }

        return rows.FirstOrDefault(row => string.Equals(row.Id, id, StringComparison.OrdinalIgnoreCase))
            ?? (int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var line) && line < rows.Count ? rows[line] : null)
            ?? throw new DitException($"{System.IO.Path.Combine(folder, FileName)}: expected a diff {id}, found {rows.Count} others, numbered from 0");
    }

    /// <summary>The file of a line.</summary>
    /// <exception cref="DitException">There is none.</exception>
    public static string FileOf(string folder, ReferenceIndexRow row)
    {
        string[] places = [System.IO.Path.Combine(folder, FilesFolder, row.Path), System.IO.Path.Combine(folder, row.Path)];
        return places.FirstOrDefault(File.Exists) ?? throw new DitException($"{places[0]}: expected this file because {FileName} names it, found no such file");
    }

    /// <summary>Writes the index of a folder, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string folder, IEnumerable<ReferenceIndexRow> rows) =>
        IndexFile.Write<ReferenceIndexRow, Columns>(System.IO.Path.Combine(folder, FileName), rows);

    /// <summary>Empty cells say nothing; and a column of numbers with gaps has become one of fractions on its way through pandas.</summary>
    private static ReferenceIndexRow Known(string path, ReferenceIndexRow row)
    {
        // An index must not reach into other folders.
        if (System.IO.Path.IsPathRooted(row.Path) || row.Path.Split('/', '\\').Contains("..", StringComparer.Ordinal) || row.Path.Any(char.IsControl) || row.Path.Length == 0 || row.Number < 0)
        {
            throw new DitException($"{path}: expected the name of a file in this folder and a number from 0, found '{row.Path}' and {row.Number}");
        }

        var trigger = row.Trigger is { } text && text.EndsWith(".0", StringComparison.Ordinal) && text[..^2].All(char.IsAsciiDigit) ? text[..^2] : row.Trigger;
        return row with { Topic = OrNull(row.Topic), Trigger = OrNull(trigger), Split = OrNull(row.Split), Id = OrNull(row.Id), TriggerFormat = OrNull(row.TriggerFormat) };

        static string? OrNull(string? cell) => string.IsNullOrEmpty(cell) ? null : cell;
    }

    private sealed class Columns : ClassMap<ReferenceIndexRow>
    {
        public Columns()
        {
            Map(row => row.Path).Name(PathColumn);
            Map(row => row.Number).Name("lora_idx");
            Map(row => row.ParameterCount).Name("n_params").Optional();
            Map(row => row.Topic).Name("topic").Optional();
            Map(row => row.Trigger).Name("trigger").Optional();
            Map(row => row.Split).Name("split").Optional();
            Map(row => row.Id).Name("id").Optional();
            Map(row => row.TriggerFormat).Name("trigger_format").Optional();
            Map(row => row.Setting).Name("setting").TypeConverter<SettingCell>().Optional();
        }
    }
}
