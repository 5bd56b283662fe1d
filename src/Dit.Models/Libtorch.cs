using System.Runtime.InteropServices;

namespace Dit.Models;

/// <summary>
/// Which libtorch the process computes with. Without further ado it is the one that was built in; a user's own, that of a Python installation
/// for instance, takes its place when it is asked for before anything else of TorchSharp's is used.
/// </summary>
public static class Libtorch
{
    /// <summary>The environment variable that names a folder for <see cref="UseNamed"/>.</summary>
    public const string Variable = "DIT_LIBTORCH";

    // In the order in which they need one another. The CUDA ones exist only where libtorch was built with it.
    private static readonly (string Name, bool Needed)[] Libraries =
    [
        ("libtorch_global_deps.so", false), ("libc10.so", true), ("libtorch_cpu.so", true), ("libc10_cuda.so", false), ("libtorch_cuda.so", false),
        ("libtorch.so", true),
    ];

    /// <summary>Uses the libtorch that <see cref="Variable"/> names, if it names one.</summary>
    /// <exception cref="DitException">There is none in that folder, it is of another version, or cannot be loaded.</exception>
    public static void UseNamed()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            Use(folder);
        }
    }

    /// <summary>Uses the libtorch of a folder: torch/lib of a Python installation, the folder torch itself, or an unpacked libtorch.</summary>
    /// <exception cref="DitException">There is none, it is of another version, cannot be loaded, or another one is in use already.</exception>
    public static void Use(string folder)
    {
        var libraries = new[] { folder, Path.Combine(folder, "lib") }.FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "libtorch_cpu.so")))
            ?? throw new DitException($"{Variable}={folder}: expected the folder torch/lib of a Python installation of torch {LibtorchVersion.Expected}, found {Found(folder)}.");
        if (IsLoaded("libtorch_cpu.so"))
        {
            throw new DitException($"{Variable}={folder}: expected to be asked before libtorch is used, found it in use.");
        }

        if (PackagedCuda() is { } packaged)
        {
            throw new DitException($"{Variable}={folder}: expected a build without a CUDA libtorch of its own, found {packaged}; build without -p:DitCuda=true.");
        }

        var written = LibtorchVersion.Written(libraries);
        if (written is not null)
        {
            LibtorchVersion.Require(folder, written);
        }

        // What TorchSharp asks for by name is then what is loaded already; the built-in libraries lie where only that name leads (see build/).
        var handles = new Dictionary<string, nint>(StringComparer.Ordinal);
        foreach (var (name, needed) in Libraries)
        {
            var path = Path.GetFullPath(Path.Combine(libraries, name));
            if (needed || File.Exists(path))
            {
                handles[name] = Load(path);
            }
        }

        if (written is null)
        {
            LibtorchVersion.Require(folder, LibtorchVersion.Exported(handles["libtorch_cpu.so"]));
        }
    }

    /// <summary>Whether a library of this file name is mapped into the process.</summary>
    internal static bool IsLoaded(string name) => PathOf(name) is not null;

    /// <summary>The file of this name that is mapped into the process; null where there is none, or the system does not say.</summary>
    internal static string? PathOf(string name) =>
        OperatingSystem.IsLinux() && File.ReadLines("/proc/self/maps").FirstOrDefault(line => line.EndsWith('/' + name, StringComparison.Ordinal)) is { } line
            ? line[line.IndexOf('/')..]
            : null;

    private static nint Load(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DitException($"{path}: expected a library that loads, found otherwise: {e.Message.Split('\n')[0].Trim()}", e);
        }
    }

    private static string Found(string folder) => Directory.Exists(folder) ? "no libtorch_cpu.so in it" : "no such folder";

    private static string? PackagedCuda() => ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Append(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "libtorch_cuda.so")).FirstOrDefault(File.Exists);
}
