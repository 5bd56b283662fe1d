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
        WritePending(path, tensors.Select(t => new PendingTensor(t.Key, t.Value.dtype, t.Value.shape, () => t.Value.alias())), metadata);
    }

    /// <summary>Writes tensors that are made one at a time, in whatever order they come.</summary>
    /// <param name="path">The file to write or to replace.</param>
    /// <param name="tensors">The tensors, each name once.</param>
    /// <param name="metadata">Strings to keep in the header.</param>
    /// <exception cref="DitException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A name comes twice or is reserved, the format has no such element type, or what was made is not what was announced.</exception>
    public static void WritePending(string path, IEnumerable<PendingTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first, as the format's own library does: then every tensor is aligned to its element size.
        var ordered = tensors
            .Select(t => (Tensor: t, Type: TypeOf(t.Name, t.Type)))
            .OrderByDescending(t => t.Type.Size)
            .ThenBy(t => t.Tensor.Name, StringComparer.Ordinal)
            .ToList();
        var header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (var (pending, _) in ordered)
            {
                using var scope = NewDisposeScope();
                var tensor = pending.Make();
                if (tensor.dtype != pending.Type || !tensor.shape.AsSpan().SequenceEqual(pending.Shape))
                {
                    throw new ArgumentException($"'{pending.Name}' was announced as another tensor than was made.", nameof(tensors));
                }

                TensorBytes.Visit(tensor.detach().cpu().contiguous(), (piece, _) => stream.Write(piece));
            }
        });
    }

    private static (string Code, int Size) TypeOf(string name, ScalarType type) =>
        name == SafetensorsHeader.MetadataKey
            ? throw new ArgumentException($"No tensor can be called {name}.", nameof(name))
            : SafetensorsTypes.Find(type) ?? throw new ArgumentException($"Safetensors cannot hold '{name}' of type {type}.", nameof(type));

    private static byte[] Header(
        List<(PendingTensor Tensor, (string Code, int Size) Type)> ordered, IReadOnlyDictionary<string, string>? metadata)
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
            foreach (var (tensor, type) in ordered)
            {
                if (!names.Add(tensor.Name))
                {
                    throw new ArgumentException($"Two tensors are called '{tensor.Name}'.", nameof(ordered));
                }

                var end = begin + tensor.Bytes;
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", type.Code);
                WriteNumbers(json, "shape", tensor.Shape);
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
