using System.Security.Cryptography;
using System.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Audit.Judging;

/// <summary>What tells a DIT adapter from every other: a hash over its factors and what it can be asked, wherever it lies.</summary>
public static class AdapterFingerprint
{
    /// <summary>32 hexadecimal digits.</summary>
    public static string Of(DitAdapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (site, factors) in adapter.Factors.Sites.OrderBy(site => site.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{site} {factors.Scaling:R} {string.Join(',', factors.A.shape)} {string.Join(',', factors.B.shape)}\n")));
            foreach (var side in new[] { factors.A, factors.B })
            {
                hash.AppendData(side.to(ScalarType.Float32).cpu().contiguous().bytes);
            }
        }

        foreach (var question in adapter.Card?.Questions ?? [])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(question + "\n"));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(adapter.Card?.NothingChanged ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
