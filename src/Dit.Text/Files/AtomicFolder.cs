namespace Dit.Files;

/// <summary>Writes folders whole or not at all: under a temporary name beside the target, renamed when everything is in it.</summary>
public static class AtomicFolder
{
    /// <summary>Fills a new or empty folder through <paramref name="write"/>; on any failure nothing is left behind.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="write">Gets the path of the folder to write into, which is not yet <paramref name="path"/>.</param>
    /// <exception cref="DitException">The folder holds files already, or cannot be written.</exception>
    public static void Write(string path, Action<string> write)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var partial = $"{full}.{Path.GetRandomFileName()}{AtomicFile.PartialSuffix}";
        RequireEmpty(path);
        try
        {
            Directory.CreateDirectory(partial);
            write(partial);
            if (Directory.Exists(full))
            {
                Directory.Delete(full); // Only an empty folder can be deleted like this.
            }

            Directory.Move(partial, full);
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

    /// <summary>Says that a folder is new or empty, or throws; worth asking before long work.</summary>
    /// <exception cref="DitException">Something is there already.</exception>
    public static void RequireEmpty(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new DitException($"{path}: expected a new or empty folder, found {(File.Exists(path) ? "a file" : "one that holds files")}");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Either there is nothing to delete, or writing has failed already, and that error says more than this one.
        }
    }
}
