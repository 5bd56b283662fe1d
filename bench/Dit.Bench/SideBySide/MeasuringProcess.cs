using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace Dit.Bench.SideBySide;

/// <summary>A measurement in a process of its own, so that no other's memory is in its figures.</summary>
internal static class MeasuringProcess
{
    // What tests of other libraries exit with where there is nothing to test.
    private const int NothingToRunWith = 77;

    // The signal by which the system ends a process that takes too much memory, as a shell and as .NET tell it.
    private const int Killed = 128 + 9;

    /// <summary>The command that starts this very program again.</summary>
    private static string[] Own { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location]
        : [Environment.ProcessPath!];

    /// <summary>A script of bench/peers behind what all of them share, as one text: it runs wherever that Python lives, which may see no file of ours.</summary>
    public static string Script(string peer) => Resource("common") + "\n\n" + Resource(peer);

    /// <summary>Runs a verb of this program that prints what it measured.</summary>
    /// <exception cref="DitException">It did not.</exception>
    public static Outcome OwnVerb(params string[] words) => new(Run([.. Own, .. words], words[0], _ => { }).Required(words[0]));

    /// <summary>Runs a peer of Python.</summary>
    // A Python's libtorch may have two kinds of threads; waiting by spinning, they are ten times slower together. dit's wait as it sets them itself.
    public static Outcome Peer(string[] python, string peer, Trial trial) => Run([.. python, "-c", Script(peer)], peer, trial.WriteTo, ("OMP_WAIT_POLICY", "PASSIVE"));

    /// <summary>Runs a command that prints what it measured.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="who">Its name for messages.</param>
    /// <param name="feed">Writes its standard input.</param>
    /// <param name="environment">A variable for it, where the environment does not have it already.</param>
    /// <exception cref="DitException">It ended well but printed no figures.</exception>
    public static Outcome Run(string[] command, string who, Action<Stream> feed, (string Name, string Value)? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (environment is { } variable)
        {
            start.Environment.TryAdd(variable.Name, variable.Value);
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return new Outcome(null, $"no {command[0]} here");
        }

        using (process)
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            Feed(process, feed);
            process.WaitForExit();
            var printed = output.Result;
            return process.ExitCode switch
            {
                0 => new Outcome(Measured.Parse(printed, who)),
                NothingToRunWith => new Outcome(null, $"{printed.Trim()} in {string.Join(' ', command.TakeWhile(word => word != "-c"))}"),
                Killed => new Outcome(null, "killed, as a process is that takes more memory than there is"),
                // A word too, so that a long comparison goes on with the others.
                var code => new Outcome(null, $"failed with exit code {code}: {LastLine(error.Result)}"),
            };
        }
    }

    private static void Feed(Process process, Action<Stream> feed)
    {
        try
        {
            using var input = process.StandardInput.BaseStream;
            feed(input);
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code says why.
        }
    }

    private static string LastLine(string text) => text.Split('\n').LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "nothing was said";

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"peers/{name}.py")
            ?? throw new InvalidOperationException($"There is no peer {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
