namespace Dit.Models.Checkpoints.Torch;

/// <summary>The checksum of zip archives.</summary>
internal struct Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Ways = 8;

    private static readonly uint[][] Tables = Make();

    /// <summary>The checksum of all bytes so far.</summary>
    public uint Value { get; private set; }

    /// <summary>Goes on with more bytes, eight at a time: what follows one of them by n bytes has a table of its own.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = ~Value;
        for (; bytes.Length >= Ways; bytes = bytes[Ways..])
        {
            var low = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = Tables[7][low & 0xff] ^ Tables[6][(low >> 8) & 0xff] ^ Tables[5][(low >> 16) & 0xff] ^ Tables[4][low >> 24]
                ^ Tables[3][high & 0xff] ^ Tables[2][(high >> 8) & 0xff] ^ Tables[1][(high >> 16) & 0xff] ^ Tables[0][high >> 24];
        }

        foreach (var one in bytes)
        {
            crc = (crc >> 8) ^ Tables[0][(crc ^ one) & 0xff];
        }

        Value = ~crc;
    }

    private static uint[][] Make()
    {
        var tables = Enumerable.Range(0, Ways).Select(_ => new uint[256]).ToArray();
        for (var i = 0; i < 256; i++)
        {
            var crc = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            }

            tables[0][i] = crc;
        }

        for (var way = 1; way < Ways; way++)
        {
            for (var i = 0; i < 256; i++)
            {
                tables[way][i] = (tables[way - 1][i] >> 8) ^ tables[0][tables[way - 1][i] & 0xff];
            }
        }

        return tables;
    }
}
