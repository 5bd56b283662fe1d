using System.Buffers.Binary;
using System.Text;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>The bytes of a pickle from the first to the last; nothing is ever read beyond them, and no length is believed that exceeds them.</summary>
internal sealed class PickleBytes(string path, byte[] bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int at;

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public void Skip(ulong count) => Take(count);

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A whole number in two's complement, lowest byte first.</summary>
    public long Integer(ulong length)
    {
        var number = Take(length);
        if (number.Length > sizeof(long))
        {
            throw Damaged($"a whole number of {number.Length} bytes");
        }

        var value = number.Length > 0 && (sbyte)number[^1] < 0 ? -1L : 0;
        for (var i = number.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | number[i];
        }

        return value;
    }

    public string Text(ulong length)
    {
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new DitException($"{path}: expected text in UTF-8, found damaged characters before byte {at} of its pickle", e);
        }
    }

    public byte[] Bytes(ulong length) => Take(length).ToArray();

    /// <summary>Text up to the end of the line.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(at).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Damaged("a line without an end");
        }

        var line = Text((ulong)length);
        at++;
        return line;
    }

    public DitException Damaged(string found) => new($"{path}: expected a whole pickle, found {found} before byte {at} of {bytes.Length}");

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(bytes.Length - at))
        {
            throw Damaged($"{count} bytes wanted where only {bytes.Length - at} are left,");
        }

        var span = bytes.AsSpan(at, (int)count);
        at += (int)count;
        return span;
    }
}
