using System.Text;

namespace Dit.Text.Tokenizers;

/// <summary>
/// The byte-level alphabet: every byte of the UTF-8 text is one visible character. Printable Latin-1 characters stand for
/// themselves, the 68 others for U+0100 and up, in order.
/// </summary>
internal sealed class ByteLevel : ISpelling, IDecoder
{
    private static readonly char[] s_characters = Characters();
    private static readonly Dictionary<char, byte> s_bytes = s_characters.Select((c, b) => (c, b)).ToDictionary(p => p.c, p => (byte)p.b);

    /// <summary>The 256 characters, by byte.</summary>
    public static IReadOnlyList<char> Alphabet => s_characters;

    public string Spell(ReadOnlySpan<char> piece)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        var count = Encoding.UTF8.GetBytes(piece, bytes);
        return string.Create(count, bytes, static (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = s_characters[bytes[i]];
            }
        });
    }

    public string Decode(IEnumerable<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            // An added token may hold characters outside the alphabet, a space for one; it then stands for itself.
            if (token.All(s_bytes.ContainsKey))
            {
                bytes.AddRange(token.Select(c => s_bytes[c]));
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static char[] Characters()
    {
        var next = '\u0100';
        var characters = new char[256];
        for (var b = 0; b < 256; b++)
        {
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : next++;
        }

        return characters;
    }
}
