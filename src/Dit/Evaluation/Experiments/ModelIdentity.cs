using System.Security.Cryptography;
using System.Text;
using Dit.Models;

namespace Dit.Evaluation.Experiments;

/// <summary>What of a base decides its answers: weights, the files by which text becomes tokens and back, and what it computes on.</summary>
/// <param name="Fingerprint">Of its weights.</param>
/// <param name="Text">A hash over settings, tokenizer and chat template.</param>
/// <param name="Computes">Kind of device and type of numbers: answers may differ in their last bits, and so in a word.</param>
internal sealed record ModelIdentity(string Fingerprint, string Text, string Computes)
{
    private static readonly string[] Files =
    [
        "added_tokens.json", "chat_template.jinja", "chat_template.json", "config.json", "generation_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
    ];

    /// <summary>That of a base.</summary>
    public static ModelIdentity Of(BaseModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files.Where(file => File.Exists(Path.Combine(model.Folder, file))))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(model.Folder, file))));
        }

        return new ModelIdentity(model.Fingerprint, Convert.ToHexStringLower(hash.GetHashAndReset())[..32], $"{model.Decoder.Device.type} {model.Decoder.Type}");
    }
}
