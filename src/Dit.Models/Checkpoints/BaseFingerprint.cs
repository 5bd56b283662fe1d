using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>
/// Tells base models apart: a hash over names, shapes and the first numbers of every weight. A finetuned or another base differs in it;
/// reading all of a large model is not needed for that.
/// </summary>
public static class BaseFingerprint
{
    private const int NumbersPerTensor = 4096;

    /// <summary>The fingerprint of a model folder, as hexadecimal digits.</summary>
    /// <exception cref="DitException">The folder is not a model or is damaged.</exception>
    public static string Of(string folder)
    {
        using var untracked = no_grad();
        using var checkpoint = CheckpointFolder.Open(folder);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in checkpoint.TensorNames.Order(StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} [{string.Join(',', checkpoint.Info(name).Shape)}]"));
            var numbers = checkpoint.LoadFirst(name, NumbersPerTensor).to(ScalarType.Float32);
            hash.AppendData(numbers.bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
