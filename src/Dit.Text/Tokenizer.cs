using System.Collections.Concurrent;
using Dit.Text.Tokenizers;
using Dit.Text.Tokenizers.PreTokenizers;
using Dit.Unicode;

namespace Dit.Text;

/// <summary>
/// Text to token ids and back, as a tokenizer.json says. Knows nothing of conversations. Safe to use from several threads.
/// </summary>
public sealed class Tokenizer
{
    // Words repeat: nearly every piece of a large text is answered from here. Rare long pieces are not worth keeping.
    private const int LongestKept = 48, MostKept = 1 << 18;

    private readonly TokenizerParts parts;
    private readonly AddedTokenFinder original, normalized;
    private readonly Dictionary<string, int> added = [];
    private readonly Dictionary<int, (string Text, bool Special)> tokens = [];
    private readonly ConcurrentDictionary<string, int[]> kept = new();
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> keptBySpan;
    private int keptCount;

    private Tokenizer(TokenizerParts parts)
    {
        this.parts = parts;
        original = new AddedTokenFinder(parts.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        normalized = new AddedTokenFinder(parts.AddedTokens.Where(t => t.Normalized).Select(t => (Normalize(t.Content), t)));
        keptBySpan = kept.GetAlternateLookup<ReadOnlySpan<char>>();
        // Whether a token is special goes by its text, which is the normalized one where the token is looked for in normalized text.
        var special = parts.AddedTokens.Where(token => token.Special).Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        foreach (var (token, id) in parts.Vocabulary)
        {
            tokens[id] = (token, special.Contains(token));
        }

        foreach (var token in parts.AddedTokens)
        {
            var text = token.Normalized ? Normalize(token.Content) : token.Content;
            tokens[token.Id] = (text, special.Contains(text));
            added[token.Content] = token.Id;
        }

        VocabularySize = tokens.Count == 0 ? 0 : tokens.Keys.Max() + 1;
    }

    /// <summary>One more than the largest id, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="DitException">The file cannot be read, is damaged, or asks for something that is not supported.</exception>
    public static Tokenizer Load(string path)
    {
        var tokenizer = new Tokenizer(TokenizerFile.Read(path));
        return tokenizer.normalized.Ambiguous is not { } text
            ? tokenizer
            : throw new DitException($"{path}: expected added tokens that differ once they are normalized, found two that are '{text}'");
    }

    /// <summary>
    /// The ids of a text. Added tokens inside it are recognised. Half a surrogate pair counts as U+FFFD.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether to put around it what the file's post-processor says, a bos token for instance.</param>
    /// <exception cref="DitException">The file's pattern takes too long, or an unknown token it needs is missing.</exception>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        var ids = new List<int>((text.Length / 4) + 8);
        if (addSpecialTokens)
        {
            ids.AddRange(parts.Prefix);
        }

        Encode(WholeRunes.Of(text), Opening.Text, ids);
        if (addSpecialTokens)
        {
            ids.AddRange(parts.Suffix);
        }

        return [.. ids];
    }

    /// <summary>
    /// The ids of a text that goes on where another ended: the mark of a beginning that some tokenizers put before a text, Llama 2's
    /// space for instance, is left out.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <exception cref="DitException">As above.</exception>
    public int[] EncodeContinuation(string text)
    {
        var ids = new List<int>((text.Length / 4) + 8);
        Encode(WholeRunes.Of(text), Opening.Continued, ids);
        return [.. ids];
    }

    /// <summary>The text of ids. Ids that no token has are left out, bytes that form no character become U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecialTokens = false)
    {
        var texts = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            if (tokens.TryGetValue(id, out var token) && !(skipSpecialTokens && token.Special))
            {
                texts.Add(token.Text);
            }
        }

        var length = texts.Sum(text => (long)text.Length);
        foreach (var decoder in parts.Decoders)
        {
            texts = decoder(texts);
            Limits.CheckGrowth(length, texts.Sum(text => (long)text.Length), parts.File);
        }

        return string.Concat(texts);
    }

    /// <summary>The id of an added token's content or of a token as the vocabulary spells it, or null.</summary>
    public int? TokenId(string token) =>
        added.TryGetValue(token, out var id) || parts.Vocabulary.TryGetValue(token, out id) ? id : null;

    private string Normalize(string text, Opening opening = Opening.Text)
    {
        var rewritten = text;
        foreach (var step in parts.Normalizers)
        {
            if (!(step.Prepends && opening == Opening.Continued))
            {
                rewritten = step.Rewrite(rewritten);
                Limits.CheckGrowth(text.Length, rewritten.Length, parts.File);
            }
        }

        return rewritten;
    }

    private void Encode(string text, Opening opening, List<int> ids)
    {
        foreach (var (stretch, token) in original.Split(text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
            }
            else
            {
                EncodeNormalized(Normalize(stretch, opening), opening, ids);
            }

            opening = Opening.AddedToken;
        }
    }

    private void EncodeNormalized(string text, Opening opening, List<int> ids)
    {
        foreach (var (stretch, token) in normalized.Split(text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
            }
            else
            {
                var pieces = parts.PreTokenizers.Aggregate(Pieces.Of(stretch, opening), (cut, step) => step.Cut(cut));
                foreach (var (start, length) in pieces.Ranges)
                {
                    EncodePiece(pieces.Text.AsSpan(start, length), ids);
                }
            }

            opening = Opening.AddedToken;
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        while (piece.Length > LongestKept)
        {
            var stretch = parts.Model.Stretch(piece);
            ids.AddRange(stretch > LongestKept ? parts.Model.Encode(piece[..stretch]) : EncodeShort(piece[..stretch]));
            piece = piece[stretch..];
        }

        if (piece.Length > 0)
        {
            ids.AddRange(EncodeShort(piece));
        }
    }

    private int[] EncodeShort(ReadOnlySpan<char> piece)
    {
        if (keptBySpan.TryGetValue(piece, out var ids))
        {
            return ids;
        }

        ids = parts.Model.Encode(piece);
        if (keptBySpan.TryAdd(piece, ids) && Interlocked.Increment(ref keptCount) > MostKept)
        {
            // Starting anew costs little, as the words of the text at hand soon come again.
            kept.Clear();
            Interlocked.Exchange(ref keptCount, 0);
        }

        return ids;
    }
}
