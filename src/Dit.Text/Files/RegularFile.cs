using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dit.Files;

/// <summary>Tells files from what only has a name like one: opening a pipe waits for its other end, and a device may never end.</summary>
public static partial class RegularFile
{
    // Where the kernel puts the kind of a file in what statx fills in, on every architecture, and what stands there.
    private const int StatusBytes = 256, ModeOffset = 28, KindMask = 0xF000, Regular = 0x8000, Folder = 0x4000;
    private const int CurrentFolder = -100;
    private const uint AskKind = 1;

    /// <summary>Makes sure before a path is opened that it is a file, or a link to one. What is not there at all is left to the opening.</summary>
    /// <exception cref="DitException">It is a pipe, a device, a socket or a folder.</exception>
    public static void Require(string path)
    {
        if (Other(path) is { } other)
        {
            throw new DitException($"{path}: expected a file, found {other}");
        }
    }

    /// <summary>What stands at a path in the place of a file, in words; null for a file, a link to one, and nothing.</summary>
    public static string? Other(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Directory.Exists(path) ? "a folder" : null;
        }

        Span<byte> status = stackalloc byte[StatusBytes];
        if (Status(CurrentFolder, path, 0, AskKind, ref MemoryMarshal.GetReference(status)) != 0)
        {
            return null;
        }

        return (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..]) & KindMask) switch
        {
            Regular => null,
            Folder => "a folder",
            _ => "a pipe or a device",
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Status(int folder, string path, int flags, uint mask, ref byte status);
}
