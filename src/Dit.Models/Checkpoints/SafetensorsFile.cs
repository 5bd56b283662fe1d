using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// A safetensors file, mapped into memory and checked completely when it is opened; tensors are copied out of it on request.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly string path;
    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor window;

    private SafetensorsFile(string path, SafetensorsHeader header, MemoryMappedFile mapping, MemoryMappedViewAccessor window)
    {
        this.path = path;
        this.mapping = mapping;
        this.window = window;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
    }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The strings that the writer added.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header against itself and against the file's size.</summary>
    /// <exception cref="DitException">The file cannot be read, is cut off, or its header is wrong in any way.</exception>
    public static SafetensorsFile Open(string path)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var header = ReadHeader(path, stream);
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, header, map, view);
        }
        catch (Exception e)
        {
            view?.Dispose();
            map?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new DitException($"{path}: could not be read: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Copies a tensor into memory of its own, on the CPU.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <exception cref="DitException">There is no such tensor, or too little memory.</exception>
    public Tensor Load(string name, ScalarType? dtype = null)
    {
        if (!Tensors.TryGetValue(name, out var info))
        {
            throw new DitException($"{path}: expected a tensor '{name}', found {Tensors.Count} others.");
        }

        try
        {
            return Copy(info, dtype ?? info.Type);
        }
        catch (ExternalException e)
        {
            throw new DitException($"{path}: expected enough memory for '{name}' of {info.Length} bytes, found too little.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        window.Dispose();
        mapping.Dispose();
    }

    private Tensor Copy(TensorInfo info, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        // A byte other than 0 and 1 would be an impossible boolean to libtorch, so booleans come in as numbers.
        var stored = info.Type == ScalarType.Bool ? ScalarType.Byte : info.Type;
        var tensor = empty(info.Shape, dtype: stored, device: CPU);
        CopyTo(tensor, info.Offset);
        return (stored == info.Type ? tensor : tensor != 0).to(dtype).MoveToOuterDisposeScope();
    }

    private static SafetensorsHeader ReadHeader(string path, FileStream stream)
    {
        if (stream.Length < SafetensorsHeader.PrefixBytes)
        {
            throw new DitException($"{path}: expected a safetensors file, found only {stream.Length} bytes.");
        }

        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var rest = stream.Length - SafetensorsHeader.PrefixBytes;
        if (length > (ulong)Math.Min(rest, SafetensorsHeader.MaxBytes))
        {
            throw new DitException(
                $"{path}: expected a header of at most {Math.Min(rest, SafetensorsHeader.MaxBytes)} bytes, found one that claims {length}.");
        }

        var bytes = new byte[(int)length];
        stream.ReadExactly(bytes);
        return SafetensorsHeader.Parse(path, bytes, rest - bytes.Length);
    }

    private unsafe void CopyTo(Tensor tensor, long offset)
    {
        byte* start = null;
        window.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            var source = (nint)(start + window.PointerOffset + offset);
            TensorBytes.Visit(tensor, (piece, first) => new ReadOnlySpan<byte>((byte*)source + first, piece.Length).CopyTo(piece));
        }
        finally
        {
            window.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
