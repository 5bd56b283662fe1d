using System.Globalization;
using System.Text;

namespace Dit.Text.Tokenizers.Decoders;

/// <summary>Decoders of tokens that stand for bytes. Bytes that form no character become U+FFFD.</summary>
internal static class ByteTexts
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Tokens in the byte-level alphabet, as one text.</summary>
    public static List<string> OfAlphabet(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            // An added token may hold characters outside the alphabet, a space for one; it then stands for itself.
            if (token.All(c => ByteAlphabet.ByteOf(c) >= 0))
            {
                bytes.AddRange(token.Select(c => (byte)ByteAlphabet.ByteOf(c)));
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
            }
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }

    /// <summary>
    /// Runs of tokens such as &lt;0xE2&gt; become the text their bytes spell, or one U+FFFD for each byte where they spell none.
    /// </summary>
    public static List<string> OfNamedBytes(List<string> tokens)
    {
        var texts = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } named)
            {
                bytes.Add(named);
            }
            else
            {
                Flush(bytes, texts);
                texts.Add(token);
            }
        }

        Flush(bytes, texts);
        return texts;
    }

    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' && HexOf(token.AsSpan(3, 2)) is { } value
            ? value
            : null;

    private static byte? HexOf(ReadOnlySpan<char> digits)
    {
        // Rust reads "+F" as 15, too.
        var bare = digits[0] == '+' ? digits[1..] : digits;
        return byte.TryParse(bare, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static void Flush(List<byte> bytes, List<string> texts)
    {
        if (bytes.Count == 0)
        {
            return;
        }

        try
        {
            texts.Add(s_strict.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            texts.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
        }

        bytes.Clear();
    }
}
