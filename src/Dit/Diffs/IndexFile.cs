using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Dit.Files;

namespace Dit.Diffs;

/// <summary>Reads and writes indexes of diffs as CSV, whatever their columns are.</summary>
internal static class IndexFile
{
    // A line of a few hundred characters for each of some hundred thousand diffs; all of it is held in memory.
    private const long MostBytes = 1 << 28;

    /// <summary>All lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should be, for messages.</param>
    /// <typeparam name="TRecord">A line.</typeparam>
    /// <typeparam name="TColumns">Its columns.</typeparam>
    /// <exception cref="DitException">The file is missing or too large, lacks a column, or a cell is not what it should be.</exception>
    public static IReadOnlyList<TRecord> Read<TRecord, TColumns>(string path, string what)
        where TColumns : ClassMap<TRecord>
    {
        RegularFile.Require(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MostBytes)
            {
                throw new DitException($"{path}: expected {what} of at most {MostBytes} bytes, found {stream.Length}");
            }

            using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
            csv.Context.RegisterClassMap<TColumns>();
            return [.. csv.GetRecords<TRecord>()];
        }
        catch (CsvHelperException e)
        {
            throw new DitException($"{path}: expected {what}, found {Fault(e)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }

    private static string Fault(CsvHelperException e) => e switch
    {
        HeaderValidationException header => $"no column {header.InvalidHeaders.FirstOrDefault()?.Names.FirstOrDefault()}",
        CsvHelper.TypeConversion.TypeConverterException cell => $"'{cell.Text}' in the column {cell.MemberMapData.Names.FirstOrDefault()} at line {e.Context?.Parser?.RawRow}",
        CsvHelper.MissingFieldException => $"too few cells at line {e.Context?.Parser?.RawRow}",
        _ => $"a damaged one at line {e.Context?.Parser?.RawRow}",
    };

    /// <summary>Writes all lines, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write<TRecord, TColumns>(string path, IEnumerable<TRecord> records)
        where TColumns : ClassMap<TRecord>
    {
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            csv.Context.RegisterClassMap<TColumns>();
            csv.WriteRecords(records);
        }

        AtomicFile.WriteText(path, text.ToString());
    }
}
