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

        Architecture.Require(folder, ModelConfig.Read(folder), model.Decoder.Config, model.Name);
        var decoder = Decoder.Load(folder, model.Decoder.Weights.Values.First().dtype);
        try
        {
            RequireFinite(folder, decoder);
            return ChangesAnything(decoder, model.Decoder)
                ? new CheckpointFinetune(folder, decoder)
                : throw new DitException($"{folder}: expected a finetune of {model.Name}, found its very weights: the diff touches no layer");
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => Decoder.Dispose();

    private static void RequireFinite(string folder, Decoder decoder)
    {
        using var scope = NewDisposeScope();
        string[] damaged = [.. decoder.Weights.Where(weight => !weight.Value.isfinite().all().item<bool>()).Select(weight => weight.Key)];
        if (damaged.Length > 0)
        {
            throw new DitException($"{folder}: expected finite numbers, found others in {damaged.Length} of {decoder.Weights.Count} weights: {Names.Few(damaged)}");
        }
    }

    private static bool ChangesAnything(Decoder decoder, Decoder model)
    {
        using var scope = NewDisposeScope();
        return decoder.Weights.Any(weight => weight.Value.ne(model.Weights[weight.Key]).any().item<bool>());
    }
}
