using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// A whole file in memory, for tensors that lie in it: no byte is read before it is used, and processes share the pages. The mapping is
/// private, so writing to a tensor changes this process's copy of a page and never the file. It stays until the last tensor is gone.
/// If the file is cut off meanwhile, reading what is missing ends the process; a file that is replaced by renaming does no harm.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    // Who is to be told when the tensors that begin at an address are gone. Of one mapping, or it would not be this address.
    private static readonly Dictionary<nint, (SafeHandle Mapping, int Count)> Holders = [];

    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor window;

    /// <summary>Maps a file; its handle stays the caller's.</summary>
    /// <exception cref="IOException">It cannot be mapped.</exception>
    internal MappedFile(SafeFileHandle file)
    {
        mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
        try
        {
            window = mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>A tensor over the bytes from an offset on, which must be all there.</summary>
    /// <exception cref="ExternalException">libtorch refused.</exception>
    internal Tensor View(long offset, long[] shape, ScalarType type)
    {
        InitializeDeviceType(DeviceType.CPU);
        var handle = window.SafeMemoryMappedViewHandle;
        byte* start = null;
        handle.AcquirePointer(ref start);
        var address = (nint)(start + window.PointerOffset + offset);
        lock (Holders)
        {
            Holders[address] = (handle, Holders.GetValueOrDefault(address).Count + 1);
        }

        nint tensor;
        fixed (long* sizes = shape)
        {
            tensor = NewTensor(address, &Release, sizes, shape.Length, (sbyte)type, (sbyte)type, (int)DeviceType.CPU, -1, false);
        }

        if (tensor == 0)
        {
            Forget(address);
            CheckForErrors(); // Throws what libtorch says; the line below is for when it says nothing.
            throw new InvalidOperationException("libtorch made no tensor over a file in memory.");
        }

        return Tensor.UnsafeCreateTensor(tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        window.Dispose();
        mapping.Dispose();
    }

    /// <summary>libtorch calls this on any thread when the last tensor of a view is gone.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint address) => Forget(address);

    private static void Forget(nint address)
    {
        lock (Holders)
        {
            var (handle, count) = Holders[address];
            if (count == 1)
            {
                Holders.Remove(address);
            }
            else
            {
                Holders[address] = (handle, count - 1);
            }

            handle.DangerousRelease();
        }
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nint NewTensor(
        nint data, delegate* unmanaged[Cdecl]<nint, void> release, long* sizes, nint dimensions, sbyte storedType, sbyte type, int deviceType, int deviceIndex,
        [MarshalAs(UnmanagedType.U1)] bool requiresGradient);
}
