using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Files;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>Writes safetensors files: whole or not at all, and the same bytes for the same names, values and metadata.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors of any device under their names, in whatever order they come.</summary>
    /// <param name="path">The file to write or to replace.</param>
    /// <param name="tensors">Names, each once, and tensors.</param>
    /// <param name="metadata">Strings to keep in the header.</param>
    /// <exception cref="DitException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A name comes twice or is reserved, or the format has no such element type.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first, as the format's own library does: then every tensor is aligned to its element size.
        var ordered = tensors
            .Select(t => (Name: t.Key, Tensor: t.Value, Type: TypeOf(t.Key, t.Value)))
            .OrderByDescending(t => t.Type.Size)
            .ThenBy(t => t.Name, StringComparer.Ordinal)
            .ToList();
        var header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (var (_, tensor, _) in ordered)
            {
                using var scope = NewDisposeScope();
                TensorBytes.Visit(tensor.detach().cpu().contiguous(), (piece, _) => stream.Write(piece));
            }
        });
    }

    private static (string Code, int Size) TypeOf(string name, Tensor tensor) =>
        name == SafetensorsHeader.MetadataKey
            ? throw new ArgumentException($"No tensor can be called {name}.", nameof(tensor))
            : SafetensorsTypes.Find(tensor.dtype)
                ?? throw new ArgumentException($"Safetensors cannot hold '{name}' of type {tensor.dtype}.", nameof(tensor));

    private static byte[] Header(
        List<(string Name, Tensor Tensor, (string Code, int Size) Type)> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var names = new HashSet<string>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long begin = 0;
            foreach (var (name, tensor, type) in ordered)
            {
                if (!names.Add(name))
                {
                    throw new ArgumentException($"Two tensors are called '{name}'.", nameof(ordered));
                }

                var end = begin + (tensor.NumberOfElements * type.Size);
                json.WriteStartObject(name);
                json.WriteString("dtype", type.Code);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        var header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
