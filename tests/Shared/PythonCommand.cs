using System.ComponentModel;
using System.Diagnostics;

namespace Dit;

/// <summary>
/// A Python beside the tests, to ask other libraries what they make of our files. DIT_PYTHON names the command, arguments included; files
/// go to it through its standard input, because it may see another file system.
/// </summary>
internal static class PythonCommand
{
    private static readonly string[] Command = (Environment.GetEnvironmentVariable("DIT_PYTHON") is { Length: > 0 } named ? named : "python3").Split(' ');

    /// <summary>What a script prints, or skips the test where Python or a module is missing.</summary>
    /// <param name="script">The script.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <param name="module">A module that has to be there.</param>
    public static string RunOrSkip(string script, byte[] input, string module)
    {
        Assert.SkipWhen(Run($"import {module}", []) is not { Failed: false }, $"no Python with {module} here; DIT_PYTHON names one");
        var (output, error, failed) = Run(script, input)!.Value;
        Assert.False(failed, error);
        return output;
    }

    private static (string Output, string Error, bool Failed)? Run(string script, byte[] input)
    {
        var start = new ProcessStartInfo(Command[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Command[1..].Concat(["-c", script]))
        {
            start.ArgumentList.Add(argument);
        }

        // Two kinds of threads that wait by spinning are ten times slower together.
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            using (var stdin = process.StandardInput.BaseStream)
            {
                Feed(stdin, input);
            }

            process.WaitForExit();
            return (output.Result, error.Result, process.ExitCode != 0);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static void Feed(Stream stdin, byte[] input)
    {
        try
        {
            stdin.Write(input);
        }
        catch (IOException)
        {
            // The script has ended already; how, its exit code says.
        }
    }
}
