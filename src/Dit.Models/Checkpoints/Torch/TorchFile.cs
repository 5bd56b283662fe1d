using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using Dit.Files;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>
/// A file that Python's torch.save wrote. What it holds is read when it is opened, tensors only as descriptions; their numbers are copied out
/// of the mapped file on request. Only plain data is built, and nothing is ever executed. Where a storage lay when it was written, such as
/// on a GPU, does not matter: tensors come to the CPU.
/// </summary>
public sealed class TorchFile : IDisposable
{
    private const string PickleName = "/data.pkl";
    private const int LongestPickle = 1 << 29;

    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor window;

    private TorchFile(string path, object? root, MemoryMappedFile mapping, MemoryMappedViewAccessor window) =>
        (FilePath, Root, this.mapping, this.window) = (path, root, mapping, window);

    /// <summary>The file as it was named when opening.</summary>
    public string FilePath { get; }

    /// <summary>
    /// What was saved: null, bool, long, double, string, byte[], <see cref="ScalarType"/>, <see cref="TorchTensor"/>, <see cref="TorchTuple"/>,
    /// <see cref="TorchList"/> or <see cref="TorchDict"/>. A hostile file may hold a list that contains itself: go to known depths only.
    /// </summary>
    public object? Root { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="DitException">It cannot be read, is damaged, is in the layout before torch 1.6, or holds anything but plain data and tensors.</exception>
    public static TorchFile Open(string path)
    {
        RegularFile.Require(path);
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            RequireZip(path, stream);
            var root = ReadRoot(path, stream);
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            return new TorchFile(path, root, map, view);
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
    /// <param name="info">A tensor of this file.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <exception cref="DitException">There is too little memory.</exception>
    public Tensor Load(TorchTensor info, ScalarType? dtype = null)
    {
        try
        {
            using var scope = NewDisposeScope();
            // A byte other than 0 and 1 would be an impossible boolean to libtorch, so booleans come in as numbers.
            var stored = info.Type == ScalarType.Bool ? ScalarType.Byte : info.Type;
            var numbers = empty(info.IsContiguous ? info.Shape : [info.Span], dtype: stored, device: CPU);
            CopyTo(numbers, info.Storage.Position + (info.Offset * info.Storage.ElementSize));
            var tensor = info.IsContiguous ? numbers : numbers.as_strided(info.Shape, info.Strides).contiguous();
            return (stored == info.Type ? tensor : tensor.IsNonzero()).to(dtype ?? info.Type).MoveToOuterDisposeScope();
        }
        catch (ExternalException e)
        {
            throw new DitException($"{FilePath}: expected enough memory for a tensor of {info.Bytes} bytes, found too little", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        window.Dispose();
        mapping.Dispose();
    }

    private static void RequireZip(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[LargeFilePointer.MarkBytes];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.StartsWith("PK\x3\x4"u8))
        {
            return;
        }

        // A pickled whole number, the mark of the layout that torch.save had before its version 1.6.
        ReadOnlySpan<byte> legacy = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
        throw new DitException(start.Length == 0 ? $"{path}: expected a torch file, found an empty one"
            : LargeFilePointer.IsIn(start) ? $"{path}: expected a torch file, found a Git LFS pointer: run git lfs pull"
            : start[2..].StartsWith(legacy) ? $"{path}: expected a torch file in the zip layout, found the layout from before torch 1.6; load it in Python and save it again"
            : $"{path}: expected a torch file (a zip archive), found something else");
    }

    private static object? ReadRoot(string path, FileStream stream)
    {
        var records = ZipRecords.Read(path, stream);
        var pickles = records.Keys.Where(name => name.EndsWith(PickleName, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - PickleName.Length).ToArray();
        if (pickles is not [var pickle])
        {
            throw new DitException($"{path}: expected a torch file with one data.pkl, found an archive with {pickles.Length}");
        }

        var folder = pickle[..^PickleName.Length];
        if (records.ContainsKey($"{folder}/constants.pkl"))
        {
            throw new DitException($"{path}: expected saved data, found a TorchScript program, which is not run");
        }

        if (records.TryGetValue($"{folder}/byteorder", out var order) && Bytes(path, stream, order, 16) is var name && !name.AsSpan().SequenceEqual("little"u8))
        {
            throw new DitException($"{path}: expected numbers of byte order little, found {Printable.Text(Encoding.Latin1.GetString(name))}");
        }

        var storages = new TorchStorages(path, folder, records);
        return new PickleReader(path, Bytes(path, stream, records[pickle], LongestPickle), storages.Find).Read();
    }

    private static byte[] Bytes(string path, FileStream stream, ZipRecord record, int longest)
    {
        if (record.Length > longest)
        {
            throw new DitException($"{path}: expected at most {longest} bytes of description, found {record.Length}");
        }

        var bytes = new byte[record.Length];
        stream.Position = record.Position;
        stream.ReadExactly(bytes);
        return bytes;
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
