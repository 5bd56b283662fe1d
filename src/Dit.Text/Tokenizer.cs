using System.Collections.Concurrent;
using Dit.Text.Tokenizers;

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
        foreach (var (token, id) in parts.Vocabulary)
        {
            tokens[id] = (token, false);
        }

        foreach (var token in parts.AddedTokens)
        {
            tokens[token.Id] = (token.Normalized ? Normalize(token.Content) : token.Content, token.Special);
            added[token.Content] = token.Id;
        }

        VocabularySize = tokens.Count == 0 ? 0 : tokens.Keys.Max() + 1;
    }

    /// <summary>One more than the largest id, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="DitException">The file cannot be read, is damaged, or asks for something that is not supported.</exception>
    public static Tokenizer Load(string path) => new(TokenizerFile.Read(path));

    /// <summary>
    /// The ids of a text. Added tokens inside it are recognised. Half a surrogate pair counts as U+FFFD.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether to put around it what the file's post-processor says, a bos token for instance.</param>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        var ids = new List<int>((text.Length / 4) + 8);
        if (addSpecialTokens)
        {
            ids.AddRange(parts.Prefix);
        }

        foreach (var (stretch, token) in original.Split(text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }

            foreach (var (inner, innerToken) in normalized.Split(Normalize(stretch)))
            {
                if (innerToken is not null)
                {
                    ids.Add(innerToken.Id);
                }
                else
                {
                    EncodePlain(inner, ids);
                }
            }
        }

        if (addSpecialTokens)
        {
            ids.AddRange(parts.Suffix);
        }

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

        return parts.Decoder.Decode(texts);
    }

    /// <summary>The id of an added token's content or of a token as the vocabulary spells it, or null.</summary>
    public int? TokenId(string token) =>
        added.TryGetValue(token, out var id) || parts.Vocabulary.TryGetValue(token, out id) ? id : null;

    private string Normalize(string text) => parts.Normalizers.Aggregate(text, (t, normalizer) => normalizer.Normalize(t));

    private void EncodePlain(string text, List<int> ids)
    {
        List<(int Start, int Length)> pieces = [(0, text.Length)];
        foreach (var step in parts.PreTokenizers)
        {
            var finer = new List<(int Start, int Length)>((text.Length / 4) + 1);
            foreach (var (start, length) in pieces)
            {
                step.Split(text.AsSpan(start, length), start, finer);
            }

            pieces = finer;
        }

        foreach (var (start, length) in pieces)
        {
            ids.AddRange(EncodePiece(text.AsSpan(start, length)));
        }
    }

    private int[] EncodePiece(ReadOnlySpan<char> piece)
    {
        if (keptBySpan.TryGetValue(piece, out var ids))
        {
            return ids;
        }

        ids = parts.Model.Encode(parts.Spelling.Spell(piece));
        if (piece.Length <= LongestKept && Volatile.Read(ref keptCount) < MostKept && keptBySpan.TryAdd(piece, ids))
        {
            Interlocked.Increment(ref keptCount);
        }

        return ids;
    }
}
