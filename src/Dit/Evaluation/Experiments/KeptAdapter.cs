using System.Security.Cryptography;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>An adapter on disk. Its factors are read when it is asked and given back after, as an experiment may need dozens.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Card">What is known of it; null for one that says nothing of itself.</param>
/// <param name="Fingerprint">Tells it from every other.</param>
/// <param name="IsReady">Whether it was there before, such as a shipped one; else it was trained for these experiments.</param>
public sealed record KeptAdapter(string Folder, DitCard? Card, string Fingerprint, bool IsReady)
{
    /// <summary>What it learned to say where there is nothing to be told; null where it never did.</summary>
    public string? NothingChanged => Card?.NothingChanged;

    /// <summary>Steps of its training; null where that is not known.</summary>
    public int? Steps { get; init; }

    /// <summary>Seed of its training; null where that is not known.</summary>
    public ulong? Seed => Card?.Recipe.Seed;

    /// <summary>Looks at an adapter.</summary>
    /// <exception cref="DitException">It is missing or damaged.</exception>
    public static KeptAdapter Of(string folder, bool isReady)
    {
        var adapter = DitAdapter.Read(folder);
        Release(adapter);
        return new KeptAdapter(folder, adapter.Card, FingerprintOf(folder), isReady);
    }

    /// <summary>Reads the adapter itself, to be released after.</summary>
    /// <exception cref="DitException">It is missing or damaged.</exception>
    internal DitAdapter Open() => DitAdapter.Read(Folder);

    /// <summary>Gives back the memory of an adapter's factors.</summary>
    internal static void Release(DitAdapter adapter)
    {
        foreach (var factors in adapter.Factors.Sites.Values)
        {
            factors.A.Dispose();
            factors.B.Dispose();
        }
    }

    private static string FingerprintOf(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // How audits are calibrated changes nothing that an adapter says.
        foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path).Where(file => Path.GetFileName(file) != "calibration.json").Order(StringComparer.Ordinal) : Enumerable.Repeat(path, 1))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
