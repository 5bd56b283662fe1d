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
    private const string Times = "times";

    /// <summary>The path of a part.</summary>
    /// <param name="kind">What kind of part, such as <c>diffs</c>.</param>
    /// <param name="name">What it is.</param>
    /// <param name="settings">Everything that decides what it becomes, as a record of plain data.</param>
    public string Part(string kind, string name, object settings) => Path.Combine(folder, kind, $"{name}-{Hash(settings)}");

    /// <summary>Does what makes a part, or goes on with it, and notes how long it took: a part that is reused later still has its time.</summary>
    public T Timed<T>(string part, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return work();
        }
        finally
        {
            var sofar = new PartTime(Math.Round(SecondsOf(NameOf(part)) + clock.Elapsed.TotalSeconds, 1));
            AtomicFile.WriteText(NoteOf(NameOf(part)), JsonSerializer.Serialize(sofar));
        }
    }

    /// <summary>Seconds spent on a part so far, interrupted work included; 0 where nothing was noted.</summary>
    public double SecondsOf(string name)
    {
        var path = NoteOf(name);
        if (!File.Exists(path))
        {
            return 0;
        }

        try
        {
            return JsonSerializer.Deserialize<PartTime>(WholeFile.ReadText(path))!.Seconds;
        }
        catch (Exception e) when (e is JsonException or NullReferenceException)
        {
            throw new DitException($"{path}: expected the seconds spent on a part, found a damaged file: {e.Message}", e);
        }
    }

    /// <summary>The name of a part in notes.</summary>
    public string NameOf(string part) => Path.GetRelativePath(folder, part);

    private static string Hash(object settings) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings)))[..8];

    // A file for each part: no two processes work on the same one, but they may share the folder.
    private string NoteOf(string name) => Path.Combine(folder, Times, name + ".json");

    private sealed record PartTime(double Seconds);
}
