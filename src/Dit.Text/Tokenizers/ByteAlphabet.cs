using System.Text;

namespace Dit.Text.Tokenizers;

/// <summary>
/// The byte-level alphabet: every byte of the UTF-8 text is one visible character. Printable Latin-1 characters stand for
/// themselves, the 68 others for U+0100 and up, in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] s_characters = MakeCharacters();
    private static readonly short[] s_bytes = MakeBytes();

    /// <summary>The 256 characters, by byte.</summary>
    public static IReadOnlyList<char> Characters => s_characters;

    /// <summary>A text in the alphabet.</summary>
    public static string Spell(string text)
    {
        var spelled = new StringBuilder(text.Length + 16);
        Spell(text, spelled);
        return spelled.ToString();
    }

    /// <summary>Appends a text in the alphabet.</summary>
    public static void Spell(ReadOnlySpan<char> text, StringBuilder spelled)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var c in text.EnumerateRunes())
        {
            if (c.IsAscii)
            {
                spelled.Append(s_characters[c.Value]);
                continue;
            }

            foreach (var b in bytes[..c.EncodeToUtf8(bytes)])
            {
                spelled.Append(s_characters[b]);
            }
        }
    }

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < s_bytes.Length ? s_bytes[character] : -1;

    private static char[] MakeCharacters()
    {
        var next = '\u0100';
        var characters = new char[256];
        for (var b = 0; b < 256; b++)
        {
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : next++;
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[s_characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < s_characters.Length; b++)
        {
            bytes[s_characters[b]] = (short)b;
        }

        return bytes;
    }
}
