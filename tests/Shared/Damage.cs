using System.Text;

namespace Dit;

/// <summary>Damaged copies of a valid file: what disks, networks and ill will make of it. The same seed gives the same copies.</summary>
internal static class Damage
{
    /// <summary>Pieces that are valid somewhere, put where they are not.</summary>
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "-1", "0", "1e999", "9223372036854775807", "18446744073709551616", "NaN", "null", "true", "\"\"", "\"\\ud800\"", "[]", "{}",
            "[[[[", "{\"a\":", ",", ":", "\\", "(", ".*", "é", "\0",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Copies with a few bytes changed, cut off, cut out, repeated or replaced by a hostile piece.</summary>
    public static IEnumerable<byte[]> Of(byte[] valid, int rounds, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = valid.ToList();
            for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
            {
                Change(bytes, random);
            }

            yield return [.. bytes];
        }
    }

    private static void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var count = random.Next(Math.Min(12, bytes.Count - at)) + 1;
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveRange(at, count);
                break;
            case 4:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count));
                break;
            default:
                bytes.RemoveRange(at, random.Next(count + 1));
                bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                break;
        }
    }
}
