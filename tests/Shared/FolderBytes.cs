using System.Security.Cryptography;

namespace Dit;

/// <summary>What a run leaves, to compare two runs to the bit.</summary>
internal static class FolderBytes
{
    /// <summary>Every file below a folder with its hash, but for what an interrupted write may leave.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="except">Paths in it that do not count.</param>
    public static SortedDictionary<string, string> Of(string folder, params string[] except) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".partial", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(folder, file)).Where(file => !except.Contains(file))
            .ToDictionary(file => file, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file))))),
        StringComparer.Ordinal);
}
