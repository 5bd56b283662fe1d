using Dit.Models.Decoding;

namespace Dit.Diffs;

/// <summary>Whether two models are the same computation over other weights, so that the one can be a finetune of the other.</summary>
internal static class Architecture
{
    /// <summary>
    /// Says that they are, or throws. Rows of the embeddings may differ, and whether the output head is tied: see <see cref="VocabularyFit"/>.
    /// </summary>
    /// <exception cref="DitException">The message names the settings that differ.</exception>
    public static void Require(string folder, ModelConfig found, ModelConfig expected, string baseName)
    {
        // What may differ is taken over from the base before the two are compared.
        var differing = (found with { VocabularySize = expected.VocabularySize, TiedEmbeddings = expected.TiedEmbeddings }).DifferencesFrom(expected);
        if (differing.Count > 0)
        {
            throw new DitException($"{Path.Combine(folder, "config.json")}: expected the architecture of the base {baseName}, found {string.Join(", ", differing)}");
        }
    }
}
