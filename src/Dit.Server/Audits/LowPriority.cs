using System.Runtime.InteropServices;

namespace Dit.Server.Audits;

/// <summary>Lets the threads of answers go first.</summary>
internal static partial class LowPriority
{
    private const int Process = 0, ThisThread = 0, Nice = 10;

    /// <summary>
    /// Lowers the priority of this thread, and so of the threads that libtorch starts for it. .NET's own priorities have no effect on Linux, where
    /// every thread has a niceness of its own.
    /// </summary>
    public static void Take()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(Process, ThisThread, Nice); // Where it is not allowed the audit runs as everything else does.
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int nice);
}
