using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Dit.Files;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// Where finished parts lie, for all experiments to use. A part is named after what it is and a hash of everything that decides what it
/// becomes, so one made with other settings is never taken for it.
/// </summary>
internal sealed class WorkFolder(string folder)
{
    private const string Times = "times.jsonl";

    /// <summary>The path of a part.</summary>
    /// <param name="kind">What kind of part, such as <c>diffs</c>.</param>
    /// <param name="name">What it is.</param>
    /// <param name="settings">Everything that decides what it becomes, as a record of plain data.</param>
    public string Part(string kind, string name, object settings) => Path.Combine(folder, kind, $"{name}-{Hash(settings)}");

    /// <summary>Does what makes a part, and notes how long it took: a part that is reused later still has its time.</summary>
    public T Timed<T>(string part, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return work();
        }
        finally
        {
            // A finished part is only opened again; where it is so large that this takes longer, it counts with it.
            if (clock.Elapsed.TotalSeconds >= 0.5)
            {
                Note(part, Math.Round(clock.Elapsed.TotalSeconds, 1));
            }
        }
    }

    /// <summary>Seconds spent on each part so far, interrupted work included.</summary>
    public IReadOnlyDictionary<string, double> Seconds()
    {
        var path = Path.Combine(folder, Times);
        if (!File.Exists(path))
        {
            return new Dictionary<string, double>(StringComparer.Ordinal);
        }

        try
        {
            return WholeFile.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<PartTime>(line)!)
                .GroupBy(time => time.Part, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => Math.Round(group.Sum(time => time.Seconds), 1), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or ArgumentNullException)
        {
            throw new DitException($"{path}: expected a part and its seconds in each line, found a damaged file: {e.Message}", e);
        }
    }

    /// <summary>The name of a part in notes.</summary>
    public string NameOf(string part) => Path.GetRelativePath(folder, part);

    private static string Hash(object settings) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings)))[..8];

    private void Note(string part, double seconds)
    {
        var path = Path.Combine(folder, Times);
        try
        {
            // Appended, as several processes may share the folder.
            File.AppendAllText(path, JsonSerializer.Serialize(new PartTime(NameOf(part), seconds)) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be written: {e.Message}", e);
        }
    }

    private sealed record PartTime(string Part, double Seconds);
}
