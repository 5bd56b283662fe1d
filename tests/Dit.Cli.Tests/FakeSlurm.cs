namespace Dit.Cli.Tests;

/// <summary>Slurm's commands as far as dit gives them: what is submitted is kept, and the queue is what the test says.</summary>
internal sealed class FakeSlurm : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FakeSlurm()
    {
        Write("squeue", "cat queue 2>/dev/null || true");
        Write("sbatch", """
            echo "sbatch $*" >>log
            n=$(($(ls | grep -c '[.]job$') + 1))
            cp "${!#}" "$n.job"
            echo "$n"
            """);
        Write("scancel", "echo \"scancel $*\" >>log");
    }

    /// <summary>The search path on which these commands come first.</summary>
    public string Path => $"{folder.FullPath}:{Environment.GetEnvironmentVariable("PATH")}";

    /// <summary>Says what is in the queue, in the columns that dit asks for.</summary>
    public void Queue(params string[] jobs) => File.WriteAllLines(folder.File("queue"), jobs);

    /// <summary>The commands that changed something since it was last asked.</summary>
    public string[] TakeLog()
    {
        if (!File.Exists(folder.File("log")))
        {
            return [];
        }

        var lines = File.ReadAllLines(folder.File("log"));
        File.Delete(folder.File("log"));
        return lines;
    }

    /// <summary>The path of a submitted script.</summary>
    public string Job(int number) => folder.File($"{number}.job");

    /// <summary>A line of a submitted script that begins so.</summary>
    public string Line(int number, string beginning) => File.ReadLines(Job(number)).Single(line => line.StartsWith(beginning, StringComparison.Ordinal));

    public void Dispose() => folder.Dispose();

    private void Write(string name, string body)
    {
        File.WriteAllText(folder.File(name), $"#!/bin/bash\ncd '{folder.FullPath}'\n{body}\n");
        using var chmod = System.Diagnostics.Process.Start("chmod", ["+x", folder.File(name)]);
        chmod.WaitForExit();
    }
}
