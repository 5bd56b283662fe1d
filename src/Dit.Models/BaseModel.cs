using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Text;
using TorchSharp;

namespace Dit.Models;

/// <summary>A base model as everything else uses it: its decoder, its text side, and what tells it from other models.</summary>
public sealed class BaseModel : IDisposable
{
    private readonly Lazy<string> fingerprint;

    private BaseModel(string folder, Decoder decoder, ChatTokenizer tokenizer)
    {
        (Folder, Decoder, Tokenizer) = (folder, decoder, tokenizer);
        fingerprint = new Lazy<string>(() => BaseFingerprint.Of(folder));
    }

    /// <summary>The Hugging Face folder it was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>The frozen weights and the forward pass.</summary>
    public Decoder Decoder { get; }

    /// <summary>Tokenizer and chat template.</summary>
    public ChatTokenizer Tokenizer { get; }

    /// <summary>The base's fingerprint, read from its files when first asked for.</summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Loads a Hugging Face model folder.</summary>
    /// <param name="folder">Weights, settings, tokenizer and chat template.</param>
    /// <param name="dtype">The type to compute in; null for the model's own.</param>
    /// <param name="device">Where to compute; null for the CPU.</param>
    /// <param name="kept">How the decoder keeps its matrices; in fewer bits only where float32 is computed in.</param>
    /// <exception cref="DitException">A file is missing, damaged or not supported, or the tokenizer does not belong to the model.</exception>
    public static BaseModel Load(
        string folder, torch.ScalarType? dtype = torch.ScalarType.Float32, torch.Device? device = null, KeptWeights kept = KeptWeights.AsComputed)
    {
        var tokenizer = ChatTokenizer.Load(folder);
        var decoder = Decoder.Load(folder, dtype, device, kept: kept);
        if (tokenizer.Tokenizer.VocabularySize > decoder.Config.VocabularySize)
        {
            var found = tokenizer.Tokenizer.VocabularySize;
            decoder.Dispose();
            throw new DitException($"{Path.Combine(folder, "tokenizer.json")}: expected at most the {decoder.Config.VocabularySize} tokens of the model, found {found}");
        }

        return new BaseModel(folder, decoder, tokenizer);
    }

    /// <inheritdoc />
    public void Dispose() => Decoder.Dispose();
}
