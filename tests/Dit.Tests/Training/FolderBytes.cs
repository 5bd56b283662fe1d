namespace Dit.Training;

/// <summary>All files below a folder, to compare two runs to the bit.</summary>
internal static class FolderBytes
{
    public static SortedDictionary<string, string> Of(string folder, params string[] except) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Where(file => !except.Contains(file))
            .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file))))),
        StringComparer.Ordinal);
}
