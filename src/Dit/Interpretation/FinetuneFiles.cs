using System.Security.Cryptography;
using Dit.Diffs;

namespace Dit.Interpretation;

/// <summary>A file that a finetune consists of.</summary>
/// <param name="Name">Its name, without folders.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">SHA-256 of its contents, as <c>sha256sum</c> prints it.</param>
public sealed record FinetuneFile(string Name, long Bytes, string Sha256);

/// <summary>The files of whatever <see cref="Finetune.Load"/> loads, so that it can be said later what it was.</summary>
public static class FinetuneFiles
{
    private static readonly string[] s_endings = [".safetensors", ".json", ".csv", ".pt", ".pth", ".bin"];

    /// <summary>Reads them all, in the order of their names.</summary>
    /// <exception cref="DitException">There is no such finetune, or a file cannot be read.</exception>
    public static IReadOnlyList<FinetuneFile> Of(string source)
    {
        var found = FinetuneSource.Find(source);
        try
        {
            string[] paths = found.Kind switch
            {
                FinetuneKind.TorchFile => [found.Folder],
                FinetuneKind.DiffSet when DiffSet.Open(found.Folder) is var set => [DiffSet.IndexPath(found.Folder), DiffSet.ShardPath(found.Folder, found.Choose(set).Shard)],
                _ => [.. Directory.EnumerateFiles(found.Folder).Where(path => s_endings.Contains(Path.GetExtension(path), StringComparer.Ordinal)).Order(StringComparer.Ordinal)],
            };
            return [.. paths.Select(Read)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{source}: could not be read: {e.Message}", e);
        }
    }

    private static FinetuneFile Read(string path)
    {
        using var stream = File.OpenRead(path);
        return new FinetuneFile(Path.GetFileName(path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
