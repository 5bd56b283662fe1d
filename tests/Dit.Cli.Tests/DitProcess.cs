using System.Diagnostics;

namespace Dit.Cli.Tests;

/// <summary>What a finished command left behind.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error);

/// <summary>The command as a process of its own, the way a user starts it.</summary>
internal sealed class DitProcess : IDisposable
{
    // Only against hanging for ever: a machine may be busy with much else.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly Process process;
    private readonly Task<string> output, error;

    private DitProcess(ProcessStartInfo start)
    {
        process = Process.Start(start)!;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts the command. A test may itself run where Ctrl-C is ignored, so that is undone.</summary>
    public static DitProcess Start(params IEnumerable<string> arguments) => new(Describe("env", ["--default-signal=INT", Dotnet, Program, .. arguments]));

    /// <summary>The same with an environment variable.</summary>
    public static DitProcess StartWith(string variable, string value, params IEnumerable<string> arguments) =>
        new(Describe("env", ["--default-signal=INT", $"{variable}={value}", Dotnet, Program, .. arguments]));

    /// <summary>Starts the command through another one, such as mpirun.</summary>
    public static DitProcess StartThrough(IEnumerable<string> starter, params IEnumerable<string> arguments) =>
        new(Describe("env", ["--default-signal=INT", .. starter, Dotnet, Program, .. arguments]));

    /// <summary>Starts a script as a cluster would on one of its nodes.</summary>
    public static DitProcess StartScript(string script, params IEnumerable<string> variables) => new(Describe("env", [.. variables, "bash", script]));

    /// <summary>Waits for the end and notes the files named so that were mapped meanwhile.</summary>
    public Outcome WaitWatching(string name, ISet<string> mapped)
    {
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(10)))
        {
            try
            {
                mapped.UnionWith(File.ReadLines($"/proc/{process.Id}/maps").Where(line => line.EndsWith('/' + name)).Select(line => line[line.IndexOf('/')..]));
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return Wait();
    }

    /// <summary>Runs the command to its end.</summary>
    public static Outcome Run(params IEnumerable<string> arguments)
    {
        using var running = Start(arguments);
        return running.Wait();
    }

    /// <summary>Runs the command and expects one sentence on stderr that names the culprit, nothing on stdout, and 1 as exit code.</summary>
    public static void Refuses(string culprit, params IEnumerable<string> arguments)
    {
        var outcome = Run(arguments);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Contains(culprit, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("unexpected", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// Runs the command with a folder on a disk of that many KiB, and once more when the disk has grown. The disk is a mount in a namespace
    /// of its own, and gone afterwards; null where the system allows no such thing.
    /// </summary>
    /// <returns>What was printed: both exit codes, and the names of the files after the first run.</returns>
    public static Outcome? RunOnSmallDisk(string disk, int kibibytes, string folder, params IEnumerable<string> arguments)
    {
        var script = $$"""
            mount -t tmpfs -o size={{kibibytes}}k none "$1" || exit 77
            cd "$1"; folder=$2; shift 2
            output=$("$@"); echo "first: $? '$output'"
            echo "files:" $(ls -A "$folder")
            mount -o remount,size=64m . || exit 77
            "$@" >/dev/null 2>&1; echo "second: $?"
            """;
        using var running = new DitProcess(Describe("unshare", ["--user", "--map-root-user", "--mount", "bash", "-c", script, "bash", disk, folder, Dotnet, Program, .. arguments]));
        var outcome = running.Wait();
        return outcome.ExitCode == 0 ? outcome : null;
    }

    /// <summary>Waits for a file that the command writes to hold so many lines.</summary>
    public void WaitForLines(string path, int lines)
    {
        var clock = Stopwatch.StartNew();
        while (!(File.Exists(path) && File.ReadLines(path).Take(lines).Count() == lines))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The command ended before {path} had {lines} lines: {Wait()}");
            }

            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"{path} did not get {lines} lines.");
            }

            Thread.Sleep(2);
        }
    }

    /// <summary>Sends a signal, such as INT or KILL.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Sends a signal to the process that the command, such as mpirun, has started last.</summary>
    public void SignalNewestChild(string name)
    {
        using var kill = Process.Start("pkill", ["--signal", name, "--newest", "--parent", process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public Outcome Wait()
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("The command did not end.");
        }

        return new Outcome(process.ExitCode, output.Result, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string Program => Path.Combine(AppContext.BaseDirectory, "dit-cli.dll");

    private static ProcessStartInfo Describe(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // One thread: the models are so small that more would only wait for each other.
        start.Environment["OMP_NUM_THREADS"] = "1";
        return start;
    }
}
