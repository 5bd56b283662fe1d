using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dit.Training.Clusters;

/// <summary>A job, or one element of an array job, that waits or runs.</summary>
/// <param name="Id">The job's number; all elements of an array have one.</param>
/// <param name="Index">The element; null where it is no array.</param>
/// <param name="Name">The job's name.</param>
/// <param name="IsPending">Whether it has not begun.</param>
public sealed record QueuedJob(string Id, int? Index, string Name, bool IsPending)
{
    /// <summary>What Slurm calls this element alone.</summary>
    public string Element => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Id}_{index}") : Id;
}

/// <summary>Slurm's own commands, as a user would give them.</summary>
public static class Slurm
{
    /// <summary>The user's jobs that wait or run.</summary>
    /// <exception cref="DitException">There is no Slurm on this machine, or it does not answer.</exception>
    public static IReadOnlyList<QueuedJob> Queue() =>
    [
        .. Run("squeue", "--me", "--noheader", "--array", "--format=%F|%K|%t|%j").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|', 4)).Where(cells => cells.Length == 4)
            .Select(cells => new QueuedJob(cells[0].Trim(), int.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null, cells[3].Trim(), cells[2].Trim() == "PD")),
    ];

    /// <summary>Submits a script.</summary>
    /// <param name="script">Its path.</param>
    /// <param name="after">Jobs or elements that have to succeed first; should one fail, or have failed already, this one is taken back.</param>
    /// <returns>The new job's number.</returns>
    /// <exception cref="DitException">There is no Slurm on this machine, or it refuses the script.</exception>
    public static string Submit(string script, IReadOnlyList<string> after)
    {
        string[] dependency = after.Count > 0 ? [$"--dependency=afterok:{string.Join(':', after)}", "--kill-on-invalid-dep=yes"] : [];
        // With several clusters their name stands behind the number.
        return Run("sbatch", ["--parsable", .. dependency, script]).Trim().Split(';')[0];
    }

    /// <summary>Takes a job back.</summary>
    /// <exception cref="DitException">There is no Slurm on this machine, or it refuses.</exception>
    public static void Cancel(string job) => Run("scancel", job);

    private static string Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new DitException($"{command}: {First(error.Result) ?? $"ended with exit code {process.ExitCode}"}");
        }
        catch (Win32Exception e)
        {
            throw new DitException($"{command}: expected Slurm's command on this machine, found none; --write FOLDER writes the scripts without it", e);
        }
    }

    private static string? First(string text) => text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0);
}
