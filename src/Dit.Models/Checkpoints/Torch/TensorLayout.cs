using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>Turns the arguments with which torch would rebuild a tensor into a description of one, if that lies within its storage.</summary>
internal static class TensorLayout
{
    // libtorch itself stops at 64.
    private const int MostDimensions = 64;
    private const int MostDimensionsOfNone = 3;
    private const long LargestBesideZero = ushort.MaxValue;

    /// <summary>(storage, offset, sizes, strides, requires_grad, hooks[, metadata])</summary>
    public static TorchTensor? Rebuild(IReadOnlyList<object?> arguments, Func<string, DitException> damaged) =>
        arguments is [TorchStorage storage, long offset, TorchTuple sizes, TorchTuple strides, bool, TorchDict, ..] && arguments.Count <= 7
            ? Checked(storage, offset, sizes, strides, damaged)
            : null;

    /// <summary>(untyped storage, offset, sizes, strides, requires_grad, hooks, dtype[, metadata])</summary>
    public static TorchTensor? RebuildTyped(IReadOnlyList<object?> arguments, Func<string, DitException> damaged)
    {
        if (arguments is not [TorchStorage { Type: ScalarType.Byte } bytes, long offset, TorchTuple sizes, TorchTuple strides, bool, TorchDict, ScalarType type, ..]
            || arguments.Count > 8 || PickleGlobals.Size(type) is not { } size || bytes.Count % size != 0)
        {
            return null;
        }

        return Checked(bytes with { Type = type, ElementSize = size, Count = bytes.Count / size }, offset, sizes, strides, damaged);
    }

    private static TorchTensor Checked(TorchStorage storage, long offset, TorchTuple sizes, TorchTuple strides, Func<string, DitException> damaged)
    {
        var (shape, steps) = (Numbers(sizes), Numbers(strides));
        if (shape is null || steps is null || shape.Length != steps.Length || shape.Length > (shape.Contains(0) ? MostDimensionsOfNone : MostDimensions) || offset < 0)
        {
            throw damaged("a tensor whose sizes, strides or offset are not the whole numbers from 0 that they should be");
        }

        if (shape.Contains(0) && offset <= storage.Count && shape.All(size => size <= LargestBesideZero))
        {
            return new TorchTensor(storage, 0, shape, new long[shape.Length]);
        }

        // In 128 bits no product of two of them overflows, and what exceeds the storage is refused before the next factor comes.
        Int128 count = 1, last = offset;
        for (var i = 0; i < shape.Length && count <= storage.Count && last < storage.Count; i++)
        {
            count *= shape[i];
            last += (Int128)(shape[i] - 1) * steps[i];
        }

        return count > 0 && count <= storage.Count && last < storage.Count
            ? new TorchTensor(storage, offset, shape, steps)
            : throw damaged($"a tensor of shape [{string.Join(", ", shape)}], strides [{string.Join(", ", steps)}] and offset {offset} that exceeds its storage of {storage.Count} elements");
    }

    private static long[]? Numbers(TorchTuple tuple) =>
        tuple.Items.All(item => item is long and >= 0) ? [.. tuple.Items.Select(item => (long)item!)] : null;
}
