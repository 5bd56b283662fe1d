namespace Dit.Files;

/// <summary>Reads files that are held in memory as a whole, such as settings, which others may have made as large as they like.</summary>
public static class WholeFile
{
    /// <summary>The most bytes that are read of one file; published tokenizers, the largest of them, take a third of it.</summary>
    public const int MostBytes = 100_000_000;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="DitException">It is missing, too large, no regular file, or cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        RegularFile.Require(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MostBytes)
            {
                throw new DitException($"{path}: expected at most {MostBytes} bytes, found {stream.Length}");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return !LargeFilePointer.IsIn(bytes) ? bytes : throw new DitException($"{path}: {LargeFilePointer.Found}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }

    /// <summary>All text of a file in UTF-8, or in UTF-16 or UTF-32 where its first bytes say so.</summary>
    /// <exception cref="DitException">It is missing, too large, or cannot be read.</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path)));
        return reader.ReadToEnd();
    }
}
