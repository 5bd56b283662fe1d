using System.Runtime.InteropServices;
using Dit.Text.Tokenizers;
using Dit.Text.Tokenizers.PreTokenizers;
using Dit.Unicode;

namespace Dit.Text;

/// <summary>
/// Makes a tokenizer in the manner of Qwen3 from texts: form C, words by Qwen's pattern, single digits, byte-level pairs.
/// The same texts, in whatever order, give the same file.
/// </summary>
public static class BytePairTrainer
{
    private const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>
    /// Trains and writes the tokenizer. Ids: the 256 bytes, the merges in the order learned, the whole words that no merges lead to, the
    /// special tokens.
    /// </summary>
    /// <param name="texts">The texts; they are read once, one at a time. Special tokens inside them are not learned from.</param>
    /// <param name="vocabularySize">How many ids there shall be, special tokens included; there are fewer if the texts run out of pairs.</param>
    /// <param name="specialTokens">Tokens that texts hold as they are, the end of a text for instance.</param>
    /// <param name="outputPath">The tokenizer.json to write, as Hugging Face's library reads it.</param>
    /// <param name="wholeWords">
    /// Words, with the space before them if they have one, that shall be one token each. They count towards the size; the tokenizer then
    /// ignores merges for a word that is a token, as Llama 3's does.
    /// </param>
    /// <exception cref="DitException">The size leaves no room, a special token is empty or named twice, or the file cannot be written.</exception>
    public static void Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specialTokens, string outputPath, IReadOnlyCollection<string>? wholeWords = null)
    {
        var special = specialTokens.ToHashSet(StringComparer.Ordinal);
        if (special.Count != specialTokens.Count || special.Contains(""))
        {
            throw new DitException($"{outputPath}: expected special tokens that differ and are not empty, found {string.Join(", ", specialTokens)}");
        }

        var room = ByteAlphabet.Characters.Count + specialTokens.Count + (wholeWords?.Count ?? 0);
        if (vocabularySize < room)
        {
            throw new DitException($"{outputPath}: expected room for 256 bytes, {specialTokens.Count} special tokens and {wholeWords?.Count ?? 0} words, found a vocabulary of {vocabularySize}");
        }

        var alphabet = ByteAlphabet.Characters.Order().Select(c => c.ToString());
        var learner = new MergeLearner(alphabet, CountWords(texts, specialTokens, outputPath));
        var words = (wholeWords ?? []).Select(word => ByteAlphabet.Spell(FormC.Of(word))).Distinct(StringComparer.Ordinal).ToArray();
        var merges = learner.Learn(vocabularySize - specialTokens.Count - words.Length, special);
        var learned = learner.Symbols.ToHashSet(StringComparer.Ordinal);
        TokenizerFileWriter.Write(
            outputPath, Pattern, [.. learner.Symbols, .. words.Where(word => !learned.Contains(word))], merges, specialTokens, ignoreMerges: words.Length > 0);
    }

    private static List<KeyValuePair<string, long>> CountWords(IEnumerable<string> texts, IReadOnlyList<string> specialTokens, string origin)
    {
        var finder = new AddedTokenFinder(specialTokens.Select(t => (t, new AddedToken(0, t, false, false, false, false, true))));
        var pattern = new RegexPattern(OnigurumaPattern.Translate(Pattern, out _)!, origin);
        var counts = new Dictionary<string, long>();
        var countsBySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var pieces = new List<(int Start, int Length)>();
        foreach (var (stretch, _) in texts.SelectMany(finder.Split).Where(part => part.Token is null))
        {
            var text = FormC.Of(stretch);
            pieces.Clear();
            pattern.Find(text, pieces);
            foreach (var (start, length) in pieces)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(countsBySpan, text.AsSpan(start, length), out _)++;
            }
        }

        return [.. counts.Select(word => new KeyValuePair<string, long>(ByteAlphabet.Spell(word.Key), word.Value))];
    }
}
