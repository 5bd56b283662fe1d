using System.Diagnostics;

namespace Dit.Cli.Tests;

/// <summary>A git repository for one test, and the publishing check of the documentation run in it.</summary>
internal sealed class GitRepository : IDisposable
{
    // Says what it was given, and does what a file in the audited folder tells it to.
    private const string StandIn = """
        #!/usr/bin/env bash
        printf '%s\n' "${*@Q}" >>"$0.log"
        [[ $1 == audit && $3 == --name=* && $4 == --out && $6 == --fail-on ]] || exit 2
        order=$(cat "$2/order" 2>/dev/null || echo 0)
        [[ $order == silent ]] && exit 0
        [[ $order == 1 ]] && exit 1
        mkdir "$5" && echo page >"$5/report.html" && echo '{}' >"$5/report.json"
        echo "audited"
        exit "$order"
        """;

    private readonly TemporaryFolder folder = new();

    public GitRepository()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Dit, StandIn);
        using (var chmod = Process.Start("chmod", ["+x", Dit]))
        {
            chmod.WaitForExit();
        }

        Git("init", "--quiet", "--initial-branch=main");
        Write("README", "");
        First = Commit();
    }

    /// <summary>The working tree.</summary>
    public string Folder => folder.File("re po");

    /// <summary>What stands in for the command <c>dit</c>.</summary>
    public string Dit => folder.File("stand in");

    /// <summary>Where the check leaves its reports.</summary>
    public string Reports => folder.File("reports");

    /// <summary>The commit without any adapter.</summary>
    public string First { get; }

    /// <summary>Every call of the stand-in, its arguments quoted, a line each.</summary>
    public string[] Calls => File.Exists(Dit + ".log") ? File.ReadAllLines(Dit + ".log") : [];

    /// <summary>What the check wrote down, a line for each folder and one for all.</summary>
    public string[] Summary => File.ReadAllLines(Path.Combine(Reports, "summary.txt"));

    public string Other(string name) => folder.File(name);

    /// <summary>Writes a file of the working tree.</summary>
    public void Write(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    /// <summary>Puts a symbolic link in the place of a file of the working tree.</summary>
    public void WriteLink(string path, string target)
    {
        Write(path, "");
        var full = Path.Combine(Folder, path);
        File.Delete(full);
        File.CreateSymbolicLink(full, target);
    }

    /// <summary>An adapter as far as names of files tell.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="order">What the stand-in is to do with it: a code to end with, or <c>silent</c>.</param>
    public void WriteAdapter(string path, string order = "0")
    {
        Write(Path.Combine(path, "adapter_config.json"), "{}");
        Write(Path.Combine(path, "adapter_model.safetensors"), Guid.NewGuid().ToString());
        Write(Path.Combine(path, "order"), order);
    }

    /// <summary>Commits everything.</summary>
    /// <returns>Its id.</returns>
    public string Commit()
    {
        Git("add", "--all");
        Git("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "--message=Some");
        return Git("rev-parse", "HEAD").Output.Trim();
    }

    public Outcome Git(params IEnumerable<string> arguments)
    {
        var outcome = Run("git", Folder, arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome;
    }

    /// <summary>Runs the check.</summary>
    public Outcome Check(string from, string to, params IEnumerable<string> options) => Check(failOn: null, from, to, options);

    /// <summary>Runs the check with verdicts of its own.</summary>
    public Outcome Check(string? failOn, string from, string to, IEnumerable<string> options) => Run(
        "env", Folder, [$"DIT={Dit}", Repository.File("docs/examples/audit-adapters.sh"), "--reports", Reports, .. failOn is null ? [] : new[] { "--fail-on", failOn }, from, to, .. options]);

    /// <summary>Runs a command in a folder, without the variables by which git would look elsewhere.</summary>
    public static Outcome Run(string file, string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return new Outcome(process.ExitCode, output.Result, error.Result);
    }

    public void Dispose() => folder.Dispose();
}
