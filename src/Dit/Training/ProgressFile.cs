using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dit.Files;

namespace Dit.Training;

/// <summary>How far one process has come with one piece of work, as it last said.</summary>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="First">Steps that were done when it began.</param>
/// <param name="Loss">The latest loss.</param>
/// <param name="Started">When it began.</param>
/// <param name="Updated">When it said so.</param>
/// <param name="Machine">Where it runs.</param>
/// <param name="Process">Its process id there.</param>
public sealed record WorkProgress(int Done, int Total, int First, double Loss, DateTimeOffset Started, DateTimeOffset Updated, string Machine, int Process)
{
    /// <summary>Steps a second since it began; 0 where that is not yet known.</summary>
    [JsonIgnore]
    public double StepsPerSecond => Updated > Started ? (Done - First) / (Updated - Started).TotalSeconds : 0;
}

/// <summary>
/// A small file that says now and then how far some work has come, for whoever looks at the run's folder from another process or machine. It
/// is no part of the result and goes with the work's end.
/// </summary>
internal sealed class ProgressFile(string path, int total, int first = 0) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Numbers = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };
    private readonly Stopwatch sinceLast = new();
    private readonly DateTimeOffset started = DateTimeOffset.UtcNow;

    /// <summary>Says how far the work has come, if it has not done so a moment ago.</summary>
    public void Report(int done, double loss)
    {
        if (sinceLast.IsRunning && sinceLast.Elapsed < Interval)
        {
            return;
        }

        sinceLast.Restart();
        try
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(
                new WorkProgress(done, total, first, loss, started, DateTimeOffset.UtcNow, Environment.MachineName, Environment.ProcessId), Numbers) + "\n");
        }
        catch (DitException)
        {
            // What only tells of the work must not end it.
        }
    }

    /// <summary>What a file says; null where it is gone or damaged.</summary>
    public static WorkProgress? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkProgress>(WholeFile.ReadBytes(path), Numbers);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or DitException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => Delete(path);

    /// <summary>Deletes a file that nobody needs any more; another process may have done so.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, and harms nobody.
        }
    }
}
