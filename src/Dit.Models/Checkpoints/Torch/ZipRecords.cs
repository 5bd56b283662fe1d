using System.Buffers.Binary;
using System.Text;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>Where a record's bytes lie in a file.</summary>
internal readonly record struct ZipRecord(long Position, long Length);

/// <summary>
/// The table of contents of a zip archive whose records are stored as they are, which is how torch writes them: then a record is a range
/// of the file's bytes. Everything is checked against the file's size; nothing is unpacked.
/// </summary>
internal static class ZipRecords
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndBytes = 22, End64Bytes = 56, LocatorBytes = 20, EntryBytes = 46, LocalBytes = 30;
    private const int LongestTable = 1 << 28;
    private const ushort Encrypted = 1;

    /// <summary>All records by name.</summary>
    /// <exception cref="DitException">The archive is cut off, damaged, compressed or encrypted, or two records have one name or share bytes.</exception>
    public static Dictionary<string, ZipRecord> Read(string path, FileStream file)
    {
        var (position, length, count) = FindTable(path, file);
        if (position < 0 || length < 0 || length > LongestTable || position > file.Length - length || count > (ulong)(length / EntryBytes))
        {
            throw Damaged(path, $"a table of contents of {count} records in {length} bytes at byte {position} of {file.Length}");
        }

        var table = Bytes(file, position, (int)length);
        var records = new Dictionary<string, ZipRecord>(StringComparer.Ordinal);
        var at = 0;
        for (var i = 0UL; i < count; i++)
        {
            var (name, start, size) = Entry(path, table, ref at);
            var record = new ZipRecord(DataPosition(path, file, start, name), size);
            if (record.Position > position - size)
            {
                throw Damaged(path, $"a record {Printable.Text(name)} that reaches past the archive's data");
            }

            if (!records.TryAdd(name, record))
            {
                throw Damaged(path, $"two records named {Printable.Text(name)}");
            }
        }

        RequireApart(path, records);
        return records;
    }

    private static (long Position, long Length, ulong Count) FindTable(string path, FileStream file)
    {
        var tail = Bytes(file, Math.Max(0, file.Length - EndBytes - ushort.MaxValue), (int)Math.Min(file.Length, EndBytes + ushort.MaxValue));
        for (var at = tail.Length - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (U32(end) == EndSignature && at + EndBytes + U16(end[20..]) == tail.Length)
            {
                var (count, length, position) = ((ulong)U16(end[10..]), (long)U32(end[12..]), (long)U32(end[16..]));
                if (U16(end[4..]) is not (0 or ushort.MaxValue) || U16(end[6..]) is not (0 or ushort.MaxValue))
                {
                    throw Damaged(path, "one part of several");
                }

                return count == ushort.MaxValue || length == uint.MaxValue || position == uint.MaxValue
                    ? FindTable64(path, file, file.Length - tail.Length + at)
                    : (position, length, count);
            }
        }

        throw Damaged(path, "no table of contents at its end: the file is cut off or was not copied whole");
    }

    private static (long Position, long Length, ulong Count) FindTable64(string path, FileStream file, long end)
    {
        if (end >= LocatorBytes && Bytes(file, end - LocatorBytes, LocatorBytes) is var locator && U32(locator) == Locator64Signature
            && U64(locator.AsSpan(8)) is var start && start <= (ulong)Math.Max(0, end - LocatorBytes - End64Bytes)
            && Bytes(file, (long)start, End64Bytes) is var table && U32(table) == End64Signature)
        {
            return ((long)U64(table.AsSpan(48)), (long)U64(table.AsSpan(40)), U64(table.AsSpan(32)));
        }

        throw Damaged(path, "a table of contents for large files that is not where it should be");
    }

    private static (string Name, long Start, long Size) Entry(string path, byte[] table, ref int at)
    {
        if (table.Length - at < EntryBytes || U32(table.AsSpan(at)) != EntrySignature)
        {
            throw Damaged(path, "a table of contents that is damaged");
        }

        var entry = table.AsSpan(at);
        var (nameBytes, extraBytes, commentBytes) = ((int)U16(entry[28..]), (int)U16(entry[30..]), (int)U16(entry[32..]));
        var all = EntryBytes + nameBytes + extraBytes + commentBytes;
        if (entry.Length < all)
        {
            throw Damaged(path, "a table of contents that is damaged");
        }

        at += all;
        var name = Encoding.UTF8.GetString(entry.Slice(EntryBytes, nameBytes));
        var (flags, method) = (U16(entry[8..]), U16(entry[10..]));
        if (method != 0 || (flags & Encrypted) != 0)
        {
            throw Damaged(path, $"a record {Printable.Text(name)} that is {(method != 0 ? "compressed" : "encrypted")}");
        }

        var (packed, size, start) = Sizes(path, name, entry, entry.Slice(EntryBytes + nameBytes, extraBytes));
        return packed == size && size >= 0 && start >= 0
            ? (name, start, size)
            : throw Damaged(path, $"a record {Printable.Text(name)} of {size} bytes that takes {packed}");
    }

    /// <summary>Sizes that do not fit into 32 bits stand in the extra field, in this order and only those.</summary>
    private static (long Packed, long Size, long Start) Sizes(string path, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var (packed, size, start) = ((long)U32(entry[20..]), (long)U32(entry[24..]), (long)U32(entry[42..]));
        if (packed != uint.MaxValue && size != uint.MaxValue && start != uint.MaxValue)
        {
            return (packed, size, start);
        }

        while (extra.Length >= 4)
        {
            var length = U16(extra[2..]);
            if (length > extra.Length - 4)
            {
                break;
            }

            if (U16(extra) == 1)
            {
                var wide = extra.Slice(4, length);
                if (Next(ref size, ref wide) && Next(ref packed, ref wide) && Next(ref start, ref wide))
                {
                    return (packed, size, start);
                }

                break;
            }

            extra = extra[(4 + length)..];
        }

        throw Damaged(path, $"a record {Printable.Text(name)} without its size");

        static bool Next(ref long value, ref ReadOnlySpan<byte> wide)
        {
            if (value != uint.MaxValue)
            {
                return true;
            }

            if (wide.Length < 8)
            {
                return false;
            }

            value = (long)U64(wide);
            wide = wide[8..];
            return true;
        }
    }

    private static long DataPosition(string path, FileStream file, long start, string name)
    {
        if (start <= file.Length - LocalBytes)
        {
            var local = Bytes(file, start, LocalBytes);
            if (U32(local) == LocalSignature)
            {
                return start + LocalBytes + U16(local.AsSpan(26)) + U16(local.AsSpan(28));
            }
        }

        throw Damaged(path, $"no record {Printable.Text(name)} at byte {start}, where the table of contents has it");
    }

    private static void RequireApart(string path, Dictionary<string, ZipRecord> records)
    {
        var free = 0L;
        foreach (var (name, record) in records.OrderBy(record => record.Value.Position))
        {
            if (record.Position < free)
            {
                throw Damaged(path, $"a record {Printable.Text(name)} that shares bytes with another");
            }

            free = record.Position + record.Length;
        }
    }

    private static byte[] Bytes(FileStream file, long position, int length)
    {
        var bytes = new byte[length];
        file.Position = position;
        file.ReadExactly(bytes);
        return bytes;
    }

    private static DitException Damaged(string path, string found) => new($"{path}: expected a torch file, a zip archive with uncompressed records, found {found}");

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong U64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
