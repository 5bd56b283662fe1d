using System.Text;

namespace Dit.Text.Tokenizers.Model;

/// <summary>Byte-pair encoding of one piece: its characters as symbols, then the merges.</summary>
internal sealed class BytePairModel
{
    private readonly BytePairSettings settings;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> vocabulary;
    private readonly int[] byCharacter = new int[char.MaxValue + 1];

    public BytePairModel(BytePairSettings settings)
    {
        this.settings = settings;
        vocabulary = settings.Vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        Array.Fill(byCharacter, -1);
        foreach (var (token, id) in settings.Vocabulary)
        {
            if (token.Length == 1)
            {
                byCharacter[token[0]] = id;
            }
        }
    }

    /// <summary>The ids of a piece.</summary>
    /// <exception cref="DitException">A character is unknown, and the unknown token is none of the vocabulary.</exception>
    public int[] Encode(ReadOnlySpan<char> piece)
    {
        if (settings.IgnoreMerges && vocabulary.TryGetValue(piece, out var whole))
        {
            return [whole];
        }

        var symbols = new List<int>(piece.Length);
        AddSymbols(piece, symbols);
        settings.Merges.Apply(symbols);
        return [.. symbols];
    }

    /// <summary>How many characters at the start of a long piece can be encoded apart from the rest; all of them where none can.</summary>
    public int Stretch(ReadOnlySpan<char> piece)
    {
        if (!settings.IgnoreMerges)
        {
            for (var i = 1; i < piece.Length; i++)
            {
                // Of a character that is no symbol it cannot be said what becomes of it: it may be fused with the next.
                if (byCharacter[piece[i]] >= 0 && byCharacter[piece[i - 1]] >= 0 && settings.Seams.Between(piece[i - 1], piece[i]))
                {
                    return i;
                }
            }
        }

        return piece.Length;
    }

    private void AddSymbols(ReadOnlySpan<char> piece, List<int> symbols)
    {
        // An unknown token that waits for more unknown characters to be fused with. Bytes pass it by, as they do at Hugging Face.
        int? waiting = null;
        for (var i = 0; i < piece.Length;)
        {
            var length = char.IsHighSurrogate(piece[i]) && i + 1 < piece.Length ? 2 : 1;
            var character = piece.Slice(i, length);
            i += length;
            if (IdOf(character) is var id && id >= 0)
            {
                Flush(ref waiting, symbols);
                symbols.Add(id);
            }
            else if (!AddBytes(character, symbols) && settings.UnknownToken is not null)
            {
                if (!settings.FuseUnknown)
                {
                    Flush(ref waiting, symbols);
                }

                waiting = settings.UnknownId();
            }
        }

        Flush(ref waiting, symbols);
    }

    private static void Flush(ref int? waiting, List<int> symbols)
    {
        if (waiting is { } id)
        {
            symbols.Add(id);
            waiting = null;
        }
    }

    private int IdOf(ReadOnlySpan<char> character) =>
        character.Length == 1 ? byCharacter[character[0]] : vocabulary.TryGetValue(character, out var id) ? id : -1;

    private bool AddBytes(ReadOnlySpan<char> character, List<int> symbols)
    {
        if (settings.ByteIds is not { } ids)
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[4];
        var bytes = buffer[..Encoding.UTF8.GetBytes(character, buffer)];
        foreach (var b in bytes)
        {
            if (ids[b] < 0)
            {
                return false;
            }
        }

        foreach (var b in bytes)
        {
            symbols.Add(ids[b]);
        }

        return true;
    }
}
