using Dit.Models.Decoding;
using Dit.Text;

namespace Dit.Diffs;

/// <summary>
/// How many rows of its embeddings a finetune has in common with its base. Trainers add rows for tokens of their own, and cut off or fill up
/// rows that stand for no token; the base's tokenizer, which is the one that is used, notices neither.
/// </summary>
/// <param name="Rows">Rows that both have.</param>
/// <param name="Note">What a user should know of it, in one sentence; null where both have the same rows.</param>
internal sealed record VocabularyFit(int Rows, string? Note)
{
    /// <summary>Compares a finetune with its base.</summary>
    /// <param name="folder">The finetune, for messages.</param>
    /// <param name="found">Its settings.</param>
    /// <param name="expected">The base's settings.</param>
    /// <param name="baseFolder">The base, whose tokenizer is read only where the finetune has fewer rows.</param>
    /// <exception cref="DitException">The finetune has fewer rows than the base's tokenizer has tokens, or their number is not known.</exception>
    public static VocabularyFit Of(string folder, ModelConfig found, ModelConfig expected, string baseFolder)
    {
        var (rows, baseRows) = (found.VocabularySize, expected.VocabularySize);
        if (rows == baseRows)
        {
            return new VocabularyFit(rows, null);
        }

        if (rows > baseRows)
        {
            return new VocabularyFit(baseRows, $"{folder}: the embeddings have {rows} rows, {rows - baseRows} more than the base; "
                + "these are left out, as the base's tokenizer never produces the tokens they stand for");
        }

        var tokens = File.Exists(Path.Combine(baseFolder, "tokenizer.json")) ? Tokenizer.Load(Path.Combine(baseFolder, "tokenizer.json")).VocabularySize : baseRows;
        return tokens <= rows
            ? new VocabularyFit(rows, $"{folder}: the embeddings have {rows} rows, {baseRows - rows} fewer than the base; no token of its tokenizer is among those that are missing")
            : throw new DitException($"{Path.Combine(folder, "config.json")}: expected vocab_size to be at least the {tokens} tokens of the base, found {rows}");
    }
}
