using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dit.Models;

/// <summary>
/// Settles, before libtorch is loaded, how it waits and where it takes memory from. Left alone, its threads spin against each other
/// whenever the machine has anything else to do (ten times slower, seen with two builds beside it), and every tensor of some size is
/// mapped and unmapped anew, page by page (a third of a training step on the tiny base).
/// </summary>
internal static partial class TorchRuntime
{
    private const int TrimThreshold = -1, TopPad = -2, MapMaximum = -4, ArenaMaximum = -8;

#pragma warning disable CA2255 // A library's initializer surprises its callers; here the alternative is that every program must know of libgomp.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
            _ = MallocOption(MapMaximum, 0);
            _ = MallocOption(TrimThreshold, int.MaxValue);
            _ = MallocOption(TopPad, 64 << 20);
            _ = MallocOption(ArenaMaximum, 1);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library than glibc: slower, not wrong.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int option, int value);
}
