using System.Runtime.InteropServices;

namespace Dit.Cli;

/// <summary>
/// Ctrl-C and the kind kill. A command that can go on later, or has to put things away, is asked to save and stop; any other ends at once, and so does each at a
/// second Ctrl-C. A second kill asks nothing new: a scheduler sends it to a whole job, and mpirun in the job to its processes once more.
/// </summary>
internal sealed partial class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interruption() =>
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether the command looks at the token; one that does not is ended at once.</summary>
    public bool CanBeAsked { get; set; }

    /// <summary>The command that goes on where this one stops, or null where nothing can be gone on with.</summary>
    public string? GoesOn { get; set; }

    /// <summary>What is left of the work, in words.</summary>
    public string? Left { get; set; }

    /// <summary>Says that the command was stopped and how to go on.</summary>
    public void Say() => Console.Error.WriteLine(GoesOn is { } command ? $"Stopped; {Left}. To go on: {command}" : "Stopped.");

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!CanBeAsked || (source.IsCancellationRequested && context.Signal == PosixSignal.SIGINT))
        {
            if (!Console.IsErrorRedirected)
            {
                Console.Error.Write("\e[?25h"); // A live display hides the cursor.
            }

            Say();
            // Not Environment.Exit: libtorch's threads may be computing, and taking it down under them can crash.
            ExitNow(ExitCode.Interrupted);
        }

        source.Cancel();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ExitNow(int status);
}
