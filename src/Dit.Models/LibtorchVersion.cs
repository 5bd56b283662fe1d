using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Dit.Models;

/// <summary>TorchSharp's native part calls functions of one version of libtorch; in another some are missing, or differ without a word.</summary>
internal static partial class LibtorchVersion
{
    internal const string Expected = "2.10";

    /// <summary>What the files beside a folder of libraries say: version.py of a Python package, build-version of an unpacked libtorch; null where there is neither.</summary>
    internal static string? Written(string libraries)
    {
        foreach (var folder in new[] { libraries, Path.GetDirectoryName(Path.GetFullPath(libraries)) ?? libraries })
        {
            foreach (var (name, pattern) in new[] { ("version.py", PythonVersion()), ("build-version", AnyVersion()) })
            {
                if (FirstBytes(Path.Combine(folder, name)) is { } text && pattern.Match(text) is { Success: true } found)
                {
                    return found.Groups["version"].Value;
                }
            }
        }

        return null;
    }

    /// <summary>What a loaded libtorch_cpu says of itself.</summary>
    internal static unsafe string Exported(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var function))
        {
            return "unknown";
        }

        var version = ((delegate* unmanaged[Cdecl]<ulong>)function)();
        return $"{version >> 56}.{(version >> 48) & 0xff}";
    }

    /// <exception cref="DitException">It is another version.</exception>
    internal static void Require(string folder, string found)
    {
        if (found != Expected && !found.StartsWith(Expected + ".", StringComparison.Ordinal))
        {
            throw new DitException($"{Libtorch.Variable}={folder}: expected libtorch {Expected}, found version {found}; name the folder of torch {Expected} "
                + $"(pip install 'torch=={Expected}.*'), or unset {Libtorch.Variable} to use the built-in one.");
        }
    }

    private static string? FirstBytes(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[4096];
            return System.Text.Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^__version__\s*(:[^=\n]*)?=\s*['"](?<version>[^'"\n]{1,40})['"]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"\A\s*(?<version>[0-9]\S{0,39})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AnyVersion();
}
