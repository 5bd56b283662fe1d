namespace Dit.Files;

/// <summary>Writes files whole or not at all: to a temporary name beside the target, flushed, then renamed over it.</summary>
public static class AtomicFile
{
    /// <summary>Ending of the temporary name; a file that carries it is the rest of an interrupted write and may be deleted.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>
    /// Writes <paramref name="path"/> through <paramref name="write"/>; on any failure the old file stays as it was. A link stays one: what it
    /// leads to is written.
    /// </summary>
    /// <exception cref="DitException">The disk is full, the folder cannot be written, or something that is no file is there.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, (partial, full) => File.Move(partial, full, overwrite: true));

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="DitException">The disk is full or the folder cannot be written.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes text where there is no file yet. Of several processes that do so at once one succeeds.</summary>
    /// <returns>Whether it is this text that is there now.</returns>
    /// <exception cref="DitException">The disk is full or the folder cannot be written.</exception>
    public static bool TryCreateText(string path, string text)
    {
        var created = false;
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)), (partial, full) =>
        {
            try
            {
                File.Move(partial, full, overwrite: false);
                created = true;
            }
            catch (IOException) when (File.Exists(full))
            {
                File.Delete(partial);
            }
        });
        return created;
    }

    private static void Write(string path, Action<Stream> write, Action<string, string> place)
    {
        var full = Target(path);
        // Process ids repeat on other machines and in containers that may write to the same folder.
        var partial = $"{full}.{Path.GetRandomFileName()}{PartialSuffix}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            place(partial, full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(partial);
            throw new DitException($"{path}: could not be written: {e.Message}", e);
        }
        catch
        {
            TryDelete(partial);
            throw;
        }
    }

    /// <summary>Where the file really goes. Renaming would put it in the place of a link or a device, too.</summary>
    private static string Target(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            full = new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
            return RegularFile.Other(full) is { } other ? throw new DitException($"{path}: expected a file to write, found {other}") : full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be written: {e.Message}", e);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write has failed already, and that error says more than this one.
        }
    }
}
