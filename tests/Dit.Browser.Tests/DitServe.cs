using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Dit.Browser.Tests;

/// <summary><c>dit serve</c> as a process of its own.</summary>
public sealed partial class DitServe : IDisposable
{
    private readonly Process process;

    private DitServe(Process process, string link)
    {
        this.process = process;
        Link = link;
    }

    /// <summary>The link as it was printed, with a token where there is one.</summary>
    public string Link { get; }

    /// <summary>Where the page is, without a slash at the end.</summary>
    public string Address => Link.Split('#')[0].TrimEnd('/');

    /// <summary>Starts it on a port that is free and waits for the line that says where the page is.</summary>
    public static async Task<DitServe> Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Dotnet) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "dit-cli.dll"), "serve", "--port", "0", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var started = Process.Start(start)!;
        var errors = started.StandardError.ReadToEndAsync();
        while (await started.StandardOutput.ReadLineAsync() is { } line)
        {
            if (PageLine().Match(line) is { Success: true } match)
            {
                // What comes after has to be read, or the server would stand still when the pipe is full.
                _ = started.StandardOutput.ReadToEndAsync();
                return new DitServe(started, match.Groups[1].Value);
            }
        }

        throw new InvalidOperationException($"dit serve ended before it said where its page is: {await errors}");
    }

    /// <summary>Runs another command to its end.</summary>
    public static async Task Run(params string[] arguments)
    {
        using var command = Process.Start(new ProcessStartInfo(Dotnet, [Path.Combine(AppContext.BaseDirectory, "dit-cli.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.Equal(0, command.ExitCode);
    }

    public void Dispose()
    {
        // As Ctrl-C, after which it takes its uploads away; hard where that takes too long.
        using (var interrupt = Process.Start("kill", ["-s", "INT", process.Id.ToString()]))
        {
            interrupt.WaitForExit();
        }

        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    [GeneratedRegex(@"Page:\s+(http\S+)", RegexOptions.NonBacktracking)]
    private static partial Regex PageLine();
}
