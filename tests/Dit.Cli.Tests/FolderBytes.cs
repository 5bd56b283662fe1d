using System.Security.Cryptography;

namespace Dit.Cli.Tests;

/// <summary>What a run leaves, to the bit.</summary>
internal static class FolderBytes
{
    /// <summary>Every file below a folder with its hash, but for what an interrupted write may leave.</summary>
    public static string[] Of(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith(".partial", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(path => $"{Path.GetRelativePath(folder, path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}")];
}
