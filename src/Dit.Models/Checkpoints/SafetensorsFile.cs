using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dit.Files;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// A safetensors file, checked completely when it is opened. Of its data nothing is read before a tensor is asked for, as a copy or as a view
/// of the file in memory.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    // Converting and comparing go by pieces, so that they take little memory beside the result.
    private const long NumbersPerPiece = 1L << 22;
    private const int BytesPerPiece = 1 << 20;

    private readonly string path;
    private readonly SafeFileHandle file;
    private readonly Lazy<MappedFile> mapping;

    private SafetensorsFile(string path, SafetensorsHeader header, SafeFileHandle file)
    {
        this.path = path;
        this.file = file;
        mapping = new Lazy<MappedFile>(() => new MappedFile(file));
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
        RegularFile.Require(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new SafetensorsFile(path, ReadHeader(path, handle), handle);
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new DitException($"{path}: could not be read: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Copies a tensor into memory of its own.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <param name="device">Where to; null for the CPU.</param>
    /// <exception cref="DitException">There is no such tensor, too little memory, or the file has been cut off since it was opened.</exception>
    public Tensor Load(string name, ScalarType? dtype = null, Device? device = null)
    {
        var info = Find(name);
        return Guarded(info, () => Copy(info, dtype ?? info.Type, device ?? CPU));
    }

    /// <summary>
    /// A tensor as it lies in the file, without a copy, where type and device are those of the file and the CPU and it is aligned well enough;
    /// else as <see cref="Load"/> gives it. A view may be written to, which the file does not see but other views of the tensor do. It may
    /// outlive this object.
    /// </summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <param name="device">Where to; null for the CPU.</param>
    /// <exception cref="DitException">There is no such tensor, or too little memory.</exception>
    public Tensor Map(string name, ScalarType? dtype = null, Device? device = null)
    {
        var info = Find(name);
        return (dtype ?? info.Type) == info.Type && (device is null || device.type == DeviceType.CPU) && CanBeMapped(info)
            ? Guarded(info, () => mapping.Value.View(info.Offset, info.Shape, info.Type))
            : Load(name, dtype, device);
    }

    /// <summary>Copies one of the tensors that are stacked in a tensor, its row along the first dimension, to where it is to be; no other is read.</summary>
    /// <param name="name">One of <see cref="Tensors"/>, of at least one dimension.</param>
    /// <param name="row">Which.</param>
    /// <param name="into">Of the same type, contiguous and on the CPU; with fewer numbers than the row it takes its beginning.</param>
    /// <exception cref="DitException">There is no such tensor, or the file has been cut off since it was opened.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">The row does not go there.</exception>
    public void ReadRow(string name, long row, Tensor into)
    {
        ArgumentNullException.ThrowIfNull(into);
        var info = Find(name);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, info.Shape is [var rows, ..] ? rows : 0);
        if (into.dtype != info.Type || info.Type == ScalarType.Bool || into.numel() > info.Count / info.Shape[0])
        {
            throw new ArgumentException($"A row of {name}, {info.Type} [{string.Join(", ", info.Shape)}], does not go into {into.dtype} [{string.Join(", ", into.shape)}].", nameof(into));
        }

        Guarded(info, () =>
        {
            Fill(into, info.Offset + (row * (info.Length / info.Shape[0])));
            return into;
        });
    }

    /// <summary>Some rows along a tensor's first dimension, in memory of their own; no others are read.</summary>
    internal Tensor LoadRows(string name, long first, long count)
    {
        var info = Find(name);
        var length = info.Length / info.Shape[0];
        var some = info with { Shape = [count, .. info.Shape[1..]], Offset = info.Offset + (first * length), Length = count * length };
        return Guarded(some, () => Copy(some, info.Type, CPU));
    }

    /// <summary>The first numbers of a tensor, as many as there are up to <paramref name="count"/>, as [n]; no others are read.</summary>
    internal Tensor LoadFirst(string name, long count)
    {
        var info = Find(name);
        var first = info with { Shape = [Math.Min(count, info.Count)] };
        return Guarded(info, () => Copy(first, info.Type, CPU));
    }

    /// <summary>Whether two tensors are of one type and shape and the same bytes. They are read a piece at a time and not mapped.</summary>
    internal bool HoldsSame(string name, SafetensorsFile other, string otherName)
    {
        var (info, expected) = (Find(name), other.Find(otherName));
        if (info.Type != expected.Type || !info.Shape.AsSpan().SequenceEqual(expected.Shape))
        {
            return false;
        }

        var (piece, otherPiece) = (new byte[BytesPerPiece], new byte[BytesPerPiece]);
        for (long first = 0; first < info.Length; first += BytesPerPiece)
        {
            var count = (int)Math.Min(BytesPerPiece, info.Length - first);
            ReadExactly(path, file, piece.AsSpan(0, count), info.Offset + first);
            ReadExactly(other.path, other.file, otherPiece.AsSpan(0, count), expected.Offset + first);
            if (!piece.AsSpan(0, count).SequenceEqual(otherPiece.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (mapping.IsValueCreated)
        {
            mapping.Value.Dispose();
        }

        file.Dispose();
    }

    /// <summary>
    /// The last bits of products of 32-bit and 64-bit numbers depend on how their factors are aligned, so these must lie as in memory that
    /// libtorch itself takes: numbers must not depend on where in a file, or in which of its shards, a weight happens to be.
    /// </summary>
    private static bool CanBeMapped(TensorInfo info) => info.Length > 0 && info.Type switch
    {
        ScalarType.Bool => false,
        ScalarType.Float32 or ScalarType.Float64 => info.Offset % 64 == 0,
        _ => info.Offset % (info.Length / info.Count) == 0,
    };

    private TensorInfo Find(string name) => Tensors.TryGetValue(name, out var info)
        ? info
        : throw new DitException($"{path}: expected a tensor '{name}', found {Tensors.Count} others.");

    private Tensor Guarded(TensorInfo info, Func<Tensor> get)
    {
        try
        {
            return get();
        }
        catch (ExternalException e)
        {
            throw new DitException($"{path}: expected enough memory for '{info.Name}' of {info.Length} bytes, found too little.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }

    private Tensor Copy(TensorInfo info, ScalarType dtype, Device device)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var result = empty(info.Shape, dtype, device);
        if (dtype == info.Type && dtype != ScalarType.Bool && device.type == DeviceType.CPU)
        {
            Fill(result, info.Offset);
            return result.MoveToOuterDisposeScope();
        }

        // A byte other than 0 and 1 would be an impossible boolean to libtorch, so booleans come in as numbers.
        var stored = info.Type == ScalarType.Bool ? ScalarType.Byte : info.Type;
        var (flat, count) = (result.view(-1), result.NumberOfElements);
        var buffer = empty(Math.Min(NumbersPerPiece, count), dtype: stored);
        for (long first = 0; first < count; first += NumbersPerPiece)
        {
            using var piece = NewDisposeScope();
            var some = buffer.narrow(0, 0, Math.Min(NumbersPerPiece, count - first));
            Fill(some, info.Offset + first * buffer.ElementSize);
            flat.narrow(0, first, some.NumberOfElements).copy_(stored == info.Type ? some : some.IsNonzero());
        }

        return result.MoveToOuterDisposeScope();
    }

    private void Fill(Tensor tensor, long offset) => TensorBytes.Visit(tensor, (piece, first) => ReadExactly(path, file, piece, offset + first));

    private static void ReadExactly(string path, SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(file, bytes, offset);
            if (count == 0)
            {
                throw new DitException($"{path}: expected {bytes.Length} more bytes at {offset}, found the end of the file.");
            }

            bytes = bytes[count..];
            offset += count;
        }
    }

    private static SafetensorsHeader ReadHeader(string path, SafeFileHandle file)
    {
        var size = RandomAccess.GetLength(file);
        if (size < SafetensorsHeader.PrefixBytes)
        {
            throw new DitException($"{path}: expected a safetensors file, found only {size} bytes.");
        }

        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
        ReadExactly(path, file, prefix, 0);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var rest = size - SafetensorsHeader.PrefixBytes;
        if (length > (ulong)Math.Min(rest, SafetensorsHeader.MaxBytes))
        {
            Span<byte> start = stackalloc byte[(int)Math.Min(size, LargeFilePointer.MarkBytes)];
            ReadExactly(path, file, start, 0);
            if (LargeFilePointer.IsIn(start))
            {
                throw new DitException($"{path}: expected a safetensors file, found a Git LFS pointer: run git lfs pull");
            }

            throw new DitException(
                $"{path}: expected a header of at most {Math.Min(rest, SafetensorsHeader.MaxBytes)} bytes, found one that claims {length}.");
        }

        var bytes = new byte[(int)length];
        ReadExactly(path, file, bytes, SafetensorsHeader.PrefixBytes);
        return SafetensorsHeader.Parse(path, bytes, rest - bytes.Length);
    }
}
