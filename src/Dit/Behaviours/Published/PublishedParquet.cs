using Dit.Files;
using Parquet;
using Parquet.Schema;

namespace Dit.Behaviours.Published;

/// <summary>Tables of text as Parquet.</summary>
internal static class PublishedParquet
{
    private const int RowsOfGroup = 1 << 16;

    // A compressed file grows when it is read; one that claims to grow more than this was made to fill the memory.
    private const long MostGrowth = 100, MostBytesOfColumn = 1L << 31, MostRowsOfGroup = 1 << 24;

    private static readonly byte[] Mark = "PAR1"u8.ToArray();

    /// <summary>The names of the columns, then the cells of each row: those of the columns asked for, empty where they hold nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">Columns by name; those the file lacks are left out.</param>
    /// <exception cref="DitException">The file is missing, no Parquet, damaged, or holds other things than text.</exception>
    public static IEnumerable<string[]> Read(string path, IReadOnlyCollection<string> wanted)
    {
        RegularFile.Require(path);
        using var stream = Open(path);
        var reader = Guarded(path, () => ParquetReader.CreateAsync(stream).GetAwaiter().GetResult());
        try
        {
            var fields = Guarded(path, () => reader.Schema.DataFields.Where(field => wanted.Contains(field.Name) && string.Equals(field.Path.ToString(), field.Name, StringComparison.Ordinal)).ToArray());
            yield return [.. fields.Select(field => field.Name)];
            var groups = Guarded(path, () => reader.RowGroupCount);
            for (var group = 0; group < groups; group++)
            {
                var columns = ReadGroup(path, reader, group, fields, stream.Length);
                for (var row = 0; row < (columns.Length > 0 ? columns[0].Length : 0); row++)
                {
                    yield return [.. columns.Select(column => column[row] ?? "")];
                }
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Writes rows under their header, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) => AtomicFile.Write(path, stream =>
    {
        var schema = new ParquetSchema(header.Select(name => new DataField<string>(name)));
        var writer = ParquetWriter.CreateAsync(schema, stream).GetAwaiter().GetResult();
        foreach (var part in rows.Chunk(RowsOfGroup))
        {
            using var group = writer.CreateRowGroup();
            for (var column = 0; column < header.Count; column++)
            {
                group.WriteAsync(schema.DataFields[column], part.Select(row => row[column]).ToArray()).GetAwaiter().GetResult();
            }
        }

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    });

    private static FileStream Open(string path)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var start = new byte[LargeFilePointer.MarkBytes];
            var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            stream.Position = 0;
            if (start.AsSpan(0, read).StartsWith(Mark))
            {
                return stream;
            }

            stream.Dispose();
            throw new DitException(LargeFilePointer.IsIn(start) ? $"{path}: {LargeFilePointer.Found}" : $"{path}: expected a Parquet file, found something else");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }

    private static string?[][] ReadGroup(string path, ParquetReader reader, int number, DataField[] fields, long fileBytes) => Guarded(path, () =>
    {
        using var group = reader.OpenRowGroupReader(number);
        if (group.RowCount is < 0 or > MostRowsOfGroup)
        {
            throw new DitException($"{path}: expected at most {MostRowsOfGroup} rows in a group, found a claim of {group.RowCount}");
        }

        return fields.Select(field => ReadColumn(path, group, field, fileBytes)).ToArray();
    });

    private static string?[] ReadColumn(string path, ParquetRowGroupReader group, DataField field, long fileBytes)
    {
        if (field.MaxRepetitionLevel > 0 || (field.ClrType != typeof(ReadOnlyMemory<char>) && field.ClrType != typeof(string)))
        {
            throw new DitException($"{path}: expected text in the column {field.Name}, found {field.ClrType.Name}");
        }

        var bytes = group.GetMetadata(field)?.MetaData?.TotalUncompressedSize ?? 0;
        if (bytes < 0 || bytes > Math.Min(MostBytesOfColumn, fileBytes * MostGrowth))
        {
            throw new DitException($"{path}: expected a column {field.Name} that fits the file of {fileBytes} bytes, found a claim of {bytes}");
        }

        var cells = new string?[group.RowCount];
        group.ReadAsync(field, cells.AsMemory()).AsTask().GetAwaiter().GetResult();
        return cells;
    }

    /// <summary>Whatever the library stumbles over in a damaged file is said in one sentence.</summary>
    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DitException)
        {
            throw;
        }
#pragma warning disable CA1031 // The library throws anything on a damaged file.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new DitException($"{path}: expected a Parquet file, found a damaged one: {Printable.Line(e.Message, 200)}", e);
        }
    }
}
