using System.Buffers.Binary;
using System.Text;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>
/// Writes a zip archive as torch does: records stored as they are, each beginning at a multiple of 64 bytes so that it can be mapped, with
/// the wide numbers of zip64 where the archive is large or has many records.
/// </summary>
internal sealed class ZipWriter(Stream output) : IDisposable
{
    private const int Alignment = 64, LocalBytes = 30, FieldHeader = 4;
    private const ushort Zip64Field = 1, PaddingField = 0x4246, Version = 45, Utf8Names = 1 << 11;

    // The first day that the format can name: the same data gives the same bytes.
    private const ushort Date = 0x21;

    private readonly MemoryStream table = new();
    private long position;
    private long count;

    /// <summary>Adds a record.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Bytes it has.</param>
    /// <param name="content">Hands over its bytes in pieces; called twice, because the checksum comes before them.</param>
    public void Add(string name, long length, Action<TensorBytes.Piece> content)
    {
        var crc = new Crc32();
        content((piece, _) => crc.Add(piece));
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var (start, wide) = (position, length >= uint.MaxValue);
        var field = wide ? Field(Zip64Field, length, length) : [];
        Write(output, 0x04034b50u, Version, Utf8Names, (ushort)0, (ushort)0, Date, crc.Value, Narrow(length), Narrow(length), (ushort)nameBytes.Length);
        var padding = Padding(start + LocalBytes + nameBytes.Length + field.Length);
        Write(output, (ushort)(field.Length + padding.Length));
        output.Write([.. nameBytes, .. field, .. padding]);
        content((piece, _) => output.Write(piece));
        position = start + LocalBytes + nameBytes.Length + field.Length + padding.Length + length;

        long[] numbers = [.. wide ? new[] { length, length } : [], .. start >= uint.MaxValue ? new[] { start } : []];
        var entryField = numbers.Length > 0 ? Field(Zip64Field, numbers) : [];
        Write(table, 0x02014b50u, Version, Version, Utf8Names, (ushort)0, (ushort)0, Date, crc.Value, Narrow(length), Narrow(length));
        Write(table, (ushort)nameBytes.Length, (ushort)entryField.Length, (ushort)0, (ushort)0, (ushort)0, 0u, Narrow(start));
        table.Write([.. nameBytes, .. entryField]);
        count++;
    }

    /// <summary>Writes the table of contents, after which the archive is whole.</summary>
    public void Finish()
    {
        var length = table.Length;
        table.WriteTo(output);
        var few = count >= ushort.MaxValue ? ushort.MaxValue : (ushort)count;
        if (few == ushort.MaxValue || Narrow(position) == uint.MaxValue || Narrow(length) == uint.MaxValue)
        {
            Write(output, 0x06064b50u, 44UL, Version, Version, 0u, 0u, (ulong)count, (ulong)count, (ulong)length, (ulong)position);
            Write(output, 0x07064b50u, 0u, (ulong)(position + length), 1u);
        }

        Write(output, 0x06054b50u, (ushort)0, (ushort)0, few, few, Narrow(length), Narrow(position), (ushort)0);
    }

    public void Dispose() => table.Dispose();

    /// <summary>An extra field after which a record begins where it should; none where it does anyway.</summary>
    private static byte[] Padding(long end)
    {
        var missing = (int)((Alignment - (end % Alignment)) % Alignment);
        if (missing == 0)
        {
            return [];
        }

        var bytes = new byte[missing >= FieldHeader ? missing : missing + Alignment];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, PaddingField);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(bytes.Length - FieldHeader));
        return bytes;
    }

    private static byte[] Field(ushort id, params long[] numbers)
    {
        using var field = new MemoryStream();
        Write(field, id, (ushort)(numbers.Length * sizeof(long)));
        Write(field, [.. numbers.Select(number => (object)(ulong)number)]);
        return field.ToArray();
    }

    private static uint Narrow(long number) => number >= uint.MaxValue ? uint.MaxValue : (uint)number;

    /// <summary>Writes numbers, lowest byte first, each as wide as its type.</summary>
    private static void Write(Stream stream, params object[] numbers)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var number in numbers)
        {
            var (value, width) = number switch
            {
                ushort two => ((ulong)two, sizeof(ushort)),
                uint four => (four, sizeof(uint)),
                ulong eight => (eight, sizeof(ulong)),
                _ => throw new ArgumentException($"A zip archive has no number of the type {number.GetType().Name}.", nameof(numbers)),
            };
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            stream.Write(bytes[..width]);
        }
    }
}
