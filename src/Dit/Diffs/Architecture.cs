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
        var differing = Differing(found, expected).ToArray();
        if (differing.Length > 0)
        {
            throw new DitException($"{Path.Combine(folder, "config.json")}: expected the architecture of the base {baseName}, found {string.Join(", ", differing)}");
        }
    }

    /// <summary>What a difference of weights cannot express, under the names of config.json.</summary>
    private static IEnumerable<string> Differing(ModelConfig found, ModelConfig expected)
    {
        (string Name, object Found, object Expected)[] settings =
        [
            ("model_type", found.ModelType, expected.ModelType),
            ("hidden_size", found.HiddenSize, expected.HiddenSize),
            ("intermediate_size", found.IntermediateSize, expected.IntermediateSize),
            ("num_hidden_layers", found.LayerCount, expected.LayerCount),
            ("num_attention_heads", found.HeadCount, expected.HeadCount),
            ("num_key_value_heads", found.KeyValueHeadCount, expected.KeyValueHeadCount),
            ("head_dim", found.HeadSize, expected.HeadSize),
            ("rms_norm_eps", found.NormEpsilon, expected.NormEpsilon),
            ("rope_theta", found.RopeTheta, expected.RopeTheta),
        ];
        return settings.Where(setting => !setting.Found.Equals(setting.Expected)).Select(setting => $"{setting.Name} {setting.Found} instead of {setting.Expected}");
    }
}
