using System.Text.Json;

namespace Dit.Models.Checkpoints;

/// <summary>
/// The header of a safetensors file, believed only after every claim in it was checked against the others and against the
/// size of the file. Knows nothing of how the file is opened.
/// </summary>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, TensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Bytes before the header: its length, little endian.</summary>
    public const int PrefixBytes = 8;

    /// <summary>The key of the header that is not a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>The format's own limit on a header.</summary>
    public const long MaxBytes = 100_000_000;

    private const int MaxDimensions = 64;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="utf8">The header's bytes, without the length before them.</param>
    /// <param name="dataLength">How many bytes follow the header in the file.</param>
    /// <exception cref="DitException">Anything in it is wrong.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> utf8, long dataLength)
    {
        if (utf8.IsEmpty || utf8.Span[0] != (byte)'{')
        {
            throw new DitException($"{path}: expected a safetensors header that begins with '{{', found other bytes.");
        }

        return JsonFile.Parse(utf8, $"{path} (header)", root => Read(path, root, PrefixBytes + utf8.Length, dataLength));
    }

    private static SafetensorsHeader Read(string path, JsonElement root, long dataStart, long dataLength)
    {
        var tensors = new Dictionary<string, TensorInfo>();
        var metadata = new Dictionary<string, string>();
        foreach (var entry in root.EnumerateObject())
        {
            if (entry.Name == MetadataKey)
            {
                metadata = ReadMetadata(path, entry.Value);
            }
            else
            {
                tensors.Add(entry.Name, ReadTensor($"{path}: tensor '{entry.Name}'", entry, dataStart, dataLength));
            }
        }

        RequireGapless(path, tensors.Values, dataStart, dataLength);
        return new SafetensorsHeader(tensors, metadata);
    }

    private static Dictionary<string, string> ReadMetadata(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw new DitException($"{path}: expected {MetadataKey} to hold strings only, found {Shorten(value)}.");
        }

        return value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
    }

    private static TensorInfo ReadTensor(string where, JsonProperty entry, long dataStart, long dataLength)
    {
        if (entry.Value.ValueKind != JsonValueKind.Object
            || !entry.Value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !entry.Value.TryGetProperty("shape", out var shape)
            || !entry.Value.TryGetProperty("data_offsets", out var range))
        {
            throw new DitException($"{where}: expected dtype, shape and data_offsets, found {Shorten(entry.Value)}.");
        }

        var type = SafetensorsTypes.Find(dtype.GetString()!)
            ?? throw new DitException($"{where}: expected a dtype among {SafetensorsTypes.Codes}, found {Shorten(dtype)}.");
        var sizes = Sizes(shape);
        var offsets = Sizes(range);
        if (sizes is null || sizes.Length > MaxDimensions)
        {
            throw new DitException($"{where}: expected a shape of at most {MaxDimensions} whole numbers, found {Shorten(shape)}.");
        }

        if (offsets is not [var begin, var end] || begin > end || end > dataLength)
        {
            throw new DitException(
                $"{where}: expected data_offsets to be a range within the {dataLength} bytes of data, found {Shorten(range)}.");
        }

        // Empty tensors count as if each zero were a one, so that their strides cannot overflow either.
        Int128 extent = type.Size;
        foreach (var size in sizes)
        {
            extent *= Math.Max(size, 1);
            if (extent > long.MaxValue)
            {
                throw new DitException($"{where}: expected a shape that fits into memory, found {Shorten(shape)}.");
            }
        }

        var length = sizes.Contains(0) ? 0 : (long)extent;
        return length == end - begin
            ? new TensorInfo(entry.Name, type.Type, sizes, dataStart + begin, length)
            : throw new DitException($"{where}: expected {length} bytes for shape {Shorten(shape)} of {dtype.GetString()}, found {end - begin}.");
    }

    private static long[]? Sizes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var sizes = new List<long>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var size) || size < 0)
            {
                return null;
            }

            sizes.Add(size);
        }

        return [.. sizes];
    }

    /// <summary>The format allows neither shared bytes nor unused ones: both could hide something.</summary>
    private static void RequireGapless(string path, IEnumerable<TensorInfo> tensors, long dataStart, long dataLength)
    {
        var next = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset != next)
            {
                throw new DitException(
                    $"{path}: tensor '{tensor.Name}': expected its data at byte {next - dataStart}, right behind the tensor before it, "
                    + $"found it at byte {tensor.Offset - dataStart}.");
            }

            next += tensor.Length;
        }

        if (next != dataStart + dataLength)
        {
            throw new DitException($"{path}: expected {next - dataStart} bytes of data, found {dataLength}.");
        }
    }

    private static string Shorten(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
