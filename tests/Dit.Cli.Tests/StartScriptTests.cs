using System.Diagnostics;

namespace Dit.Cli.Tests;

/// <summary>The script <c>./dit</c> in a fresh copy of the repository.</summary>
public sealed class StartScriptTests
{
    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public async Task Two_first_starts_at_once_build_once_and_both_run()
    {
        using var copy = new TemporaryFolder();
        await Bash(Repository.File(""), $"git ls-files -z --cached --others --exclude-standard -- ':!models' ':!tests' | tar c --null -T - | tar x -C '{copy.FullPath}'");
        var starts = await Task.WhenAll(Bash(copy.FullPath, "./dit --help"), Bash(copy.FullPath, "./dit --help"));
        Assert.All(starts, start => Assert.Contains("quickstart", start.Output, StringComparison.Ordinal));
        Assert.Single(starts, start => start.Error.Contains("building", StringComparison.Ordinal));

        var clock = Stopwatch.StartNew();
        var again = await Bash(Path.GetTempPath(), $"'{copy.FullPath}/dit' --help");
        Assert.Equal("", again.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"The second start took {clock.Elapsed}.");
    }

    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public async Task What_runs_goes_on_while_changed_sources_are_built()
    {
        var stop = TestContext.Current.CancellationToken;
        using var copy = new TemporaryFolder();
        await Bash(Repository.File(""), $"git ls-files -z --cached --others --exclude-standard -- ':!models' ':!tests' | tar c --null -T - | tar x -C '{copy.FullPath}'");
        await Bash(copy.FullPath, "./dit --help");
        using var running = Process.Start(new ProcessStartInfo(copy.File("dit"), ["pretrain", "--out", copy.File("run")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            while (!File.Exists(copy.File("run/run.json")))
            {
                await Task.Delay(50, stop);
                Assert.False(running.HasExited);
            }

            await File.AppendAllTextAsync(copy.File("src/Dit/Training/Adam.cs"), "// changed", stop);
            Assert.Contains("building", (await Bash(copy.FullPath, "./dit --help")).Error, StringComparison.Ordinal);

            await Task.Delay(TimeSpan.FromSeconds(5), stop);
            Assert.False(running.HasExited);
        }
        finally
        {
            running.Kill();
        }

        await running.WaitForExitAsync(stop);
        await File.AppendAllTextAsync(copy.File("src/Dit/Training/Adam.cs"), "// again", stop);
        await Bash(copy.FullPath, "./dit --help");
        Assert.Single(Directory.EnumerateDirectories(copy.File("src/Dit.Cli/bin/dit")));
    }

    private static async Task<Outcome> Bash(string folder, string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var outcome = new Outcome(process.ExitCode, await output, await error);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome;
    }
}
