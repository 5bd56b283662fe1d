using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>
/// A finetune given by all its weights. The base plus its difference is the checkpoint itself, so this is used as a model of its own, with
/// its embeddings and norms, and no difference is ever taken. Tokenizer and chat template are the base's.
/// </summary>
public sealed class CheckpointFinetune : Finetune
{
    private CheckpointFinetune(string folder, Decoder decoder) : base(folder, card: null) => Decoder = decoder;

    private CheckpointFinetune(string source, Decoder decoder, DiffCard card) : base(source, card) => Decoder = decoder;

    /// <summary>The finetuned model.</summary>
    public Decoder Decoder { get; }

    /// <summary>Loads a checkpoint in the type the base computes in.</summary>
    /// <exception cref="DitException">A file is missing or damaged, the architecture is another, or no weight differs from the base's.</exception>
    internal static CheckpointFinetune FromFolder(string folder, BaseModel model)
    {
        if (!File.Exists(Path.Combine(folder, "config.json")))
        {
            throw new DitException($"{folder}: expected config.json beside the weights of a checkpoint, found no such file");
        }

        var differing = Differing(ModelConfig.Read(folder), model.Decoder.Config).ToArray();
        if (differing.Length > 0)
        {
            throw new DitException($"{Path.Combine(folder, "config.json")}: expected the architecture of the base {model.Name}, found {string.Join(", ", differing)}");
        }

        var decoder = Decoder.Load(folder, model.Decoder.Weights.Values.First().dtype);
        try
        {
            RequireFinite(folder, decoder);
            return decoder.Weights.Any(weight => Differs(weight.Key, decoder, model.Decoder))
                ? new CheckpointFinetune(folder, decoder)
                : throw new DitException($"{folder}: expected a finetune of {model.Name}, found its very weights: the diff touches no layer");
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>A finetune of weights that were loaded already; they are freed if it is refused.</summary>
    /// <exception cref="DitException">A number is not finite, or no weight differs from the base's.</exception>
    internal static CheckpointFinetune FromWeights(string source, DiffCard card, Decoder decoder, BaseModel model)
    {
        try
        {
            RequireFinite(source, decoder);
            return decoder.Weights.Any(weight => Differs(weight.Key, decoder, model.Decoder))
                ? new CheckpointFinetune(source, decoder, card)
                : throw new DitException($"{source}: expected a finetune of {model.Name}, found its very weights: the diff touches no layer");
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => Decoder.Dispose();

    /// <summary>What a difference of weights cannot express, under the names of config.json.</summary>
    private static IEnumerable<string> Differing(ModelConfig found, ModelConfig expected)
    {
        (string Name, object Found, object Expected)[] settings =
        [
            ("model_type", found.ModelType, expected.ModelType),
            ("vocab_size", found.VocabularySize, expected.VocabularySize),
            ("hidden_size", found.HiddenSize, expected.HiddenSize),
            ("intermediate_size", found.IntermediateSize, expected.IntermediateSize),
            ("num_hidden_layers", found.LayerCount, expected.LayerCount),
            ("num_attention_heads", found.HeadCount, expected.HeadCount),
            ("num_key_value_heads", found.KeyValueHeadCount, expected.KeyValueHeadCount),
            ("head_dim", found.HeadSize, expected.HeadSize),
            ("rms_norm_eps", found.NormEpsilon, expected.NormEpsilon),
            ("rope_theta", found.RopeTheta, expected.RopeTheta),
            ("tie_word_embeddings", found.TiedEmbeddings, expected.TiedEmbeddings),
        ];
        return settings.Where(setting => !setting.Found.Equals(setting.Expected)).Select(setting => $"{setting.Name} {setting.Found} instead of {setting.Expected}");
    }

    private static void RequireFinite(string folder, Decoder decoder)
    {
        using var scope = NewDisposeScope();
        string[] damaged = [.. decoder.Weights.Where(weight => !weight.Value.isfinite().all().item<bool>()).Select(weight => weight.Key)];
        if (damaged.Length > 0)
        {
            throw new DitException($"{folder}: expected finite numbers, found others in {damaged.Length} of {decoder.Weights.Count} weights: {Names.Few(damaged)}");
        }
    }

    private static bool Differs(string name, Decoder decoder, Decoder model)
    {
        using var scope = NewDisposeScope();
        return decoder.Weights[name].ne(model.Weights[name]).any().item<bool>();
    }
}
