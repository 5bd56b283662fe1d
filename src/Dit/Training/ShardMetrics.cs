using System.Text.Json;
using Dit.Files;

namespace Dit.Training;

/// <summary>
/// The metrics of a diff set while several processes may work on it: each finished shard's line is a file of its own, and whoever finds the
/// set finished puts all in one file, in the order of the shards.
/// </summary>
internal static class ShardMetrics
{
    private const string Prefix = "metrics-";

    /// <summary>Keeps the line of a finished shard.</summary>
    /// <exception cref="DitException">It cannot be written.</exception>
    public static void Write(string folder, int shard, int diffs, double loss) =>
        AtomicFile.WriteText(Path.Combine(folder, $"{Prefix}{shard:D5}.json"), RunFolder.MetricsLine(new { shard, diffs, loss }) + "\n");

    /// <summary>The lines of all finished shards, by shard.</summary>
    public static SortedDictionary<int, string> Read(string folder)
    {
        var own = Files(folder).Select(Text).ToArray();

        // After the single files: another process may put them all in one at this moment, and deletes them only then.
        var all = Text(Path.Combine(folder, RunFolder.MetricsName));
        var lines = new SortedDictionary<int, string>();
        foreach (var line in own.Prepend(all).SelectMany(text => text.Split('\n')))
        {
            if (ShardOf(line) is { } shard)
            {
                lines[shard] = line;
            }
        }

        return lines;
    }

    /// <summary>Puts the lines in one file; only for a set whose shards are all finished.</summary>
    /// <exception cref="DitException">It cannot be written.</exception>
    public static void Join(string folder)
    {
        var files = Files(folder);
        if (files.Length > 0)
        {
            AtomicFile.WriteText(Path.Combine(folder, RunFolder.MetricsName), string.Concat(Read(folder).Values.Select(line => line + "\n")));
            Array.ForEach(files, ProgressFile.Delete);
        }
    }

    private static string[] Files(string folder) => Directory.GetFiles(folder, $"{Prefix}*.json");

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }

    private static int? ShardOf(string line)
    {
        try
        {
            // A process that was killed may have left half a line.
            return JsonSerializer.Deserialize<JsonElement>(line) is { ValueKind: JsonValueKind.Object } entry
                && entry.TryGetProperty("shard", out var shard) && shard.ValueKind == JsonValueKind.Number && shard.TryGetInt32(out var number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
