using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Dit.Files;

namespace Dit.Behaviours.Published;

/// <summary>Tables of text as CSV.</summary>
internal static class PublishedCsv
{
    private const double MostCharactersOfCell = 1 << 20;

    /// <summary>The names of the columns, then the cells of each row.</summary>
    /// <exception cref="DitException">The file is missing, no CSV, or has rows of other lengths than its header.</exception>
    public static IEnumerable<string[]> Read(string path)
    {
        using var csv = new CsvParser(Open(path), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            MaxFieldSize = MostCharactersOfCell, Mode = CsvMode.RFC4180, BadDataFound = bad => throw new DitException($"{path}: expected CSV, found stray quotes at line {bad.Context.Parser?.RawRow}"),
        });
        int? width = null;
        while (Next(csv, path))
        {
            var cells = csv.Record!;
            width ??= cells.Length;
            if (cells.Length != width)
            {
                throw new DitException($"{path}: expected {width} cells at line {csv.RawRow}, found {cells.Length}");
            }

            yield return cells;
        }
    }

    /// <summary>Writes rows under their header, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<IEnumerable<string>> lines) => AtomicFile.Write(path, stream =>
    {
        using var csv = new CsvWriter(new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true), new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        foreach (var line in lines)
        {
            foreach (var cell in line)
            {
                csv.WriteField(cell);
            }

            csv.NextRecord();
        }
    });

    private static StreamReader Open(string path)
    {
        RegularFile.Require(path);
        try
        {
            return new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }

    private static bool Next(CsvParser csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (DecoderFallbackException e)
        {
            throw new DitException($"{path}: expected CSV in UTF-8, found other bytes after line {csv.RawRow}", e);
        }
        catch (CsvHelperException e) when (e is not { InnerException: DitException })
        {
            throw new DitException($"{path}: expected CSV, found damage or a cell of more than {MostCharactersOfCell} characters after line {csv.RawRow}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }
}
