using System.Diagnostics;
using Dit.Tests.Architecture;

namespace Dit.Transformers;

/// <summary>A script of this repository in the user's Python, which DIT_PYTHON names (several words may stand there) and else is python3.</summary>
internal static class PythonScript
{
    private const string Variable = "DIT_PYTHON";
    private const int NothingToRunWith = 77;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a script, which goes in by standard input so that it is found wherever that Python lives. Skips the test where that has no transformers.</summary>
    /// <returns>The exit code and everything that was printed.</returns>
    public static async Task<(int ExitCode, string Output)> Run(string path, params string[] arguments)
    {
        var command = (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "python3").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = new ProcessStartInfo(command[0], [.. command[1..], "-", .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE"; // Threads that wait by spinning make the small models ten times slower.
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Skip($"No Python with transformers to compare with ({command[0]}: {e.Message}); {Variable} may name one.");
            throw;
        }

        using (process)
        using (var patience = new CancellationTokenSource(Patience))
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            try
            {
                await process.StandardInput.WriteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, path), patience.Token));
                process.StandardInput.Close();
                await process.WaitForExitAsync(patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                process.Kill(entireProcessTree: true);
                throw new InvalidOperationException($"{path} did not run to its end.", e);
            }

            var printed = await output;
            Assert.SkipWhen(process.ExitCode == NothingToRunWith, $"{printed.Trim()} in {string.Join(' ', command)}; {Variable} may name a Python that has it.");
            return (process.ExitCode, printed + await error);
        }
    }
}
