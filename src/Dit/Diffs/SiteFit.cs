using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>Whether low-rank factors belong on a base model's linear layers; nothing of them is ever left out to make them fit.</summary>
internal static class SiteFit
{
    /// <summary>Says that every factor has its layer and its shape and holds numbers, or throws.</summary>
    /// <param name="source">Where the factors come from, for the message.</param>
    /// <param name="factors">The factors by site name.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="DitException">The message names the first few sites that do not fit.</exception>
    public static void Require(string source, IReadOnlyDictionary<string, LowRankFactors> factors, BaseModel model) => Require(source, factors, model.Decoder.Sites, model.Name);

    /// <summary>The same for a base that is known by its layers and its name.</summary>
    /// <exception cref="DitException">The message names the first few sites that do not fit.</exception>
    public static void Require(string source, IReadOnlyDictionary<string, LowRankFactors> factors, IEnumerable<Site> layers, string name)
    {
        var sites = layers.ToDictionary(site => site.Name, StringComparer.Ordinal);
        var unknown = factors.Keys.Where(site => !sites.ContainsKey(site)).ToArray();
        if (unknown.Contains(WeightNames.Head, StringComparer.Ordinal))
        {
            throw new DitException($"{source}: expected factors for linear layers inside the decoder, found some for the output head {WeightNames.Head}, which is not supported");
        }

        if (unknown.Length > 0)
        {
            throw new DitException($"{source}: expected only linear layers of {name}, found {unknown.Length} of {factors.Count} that it does not have: {Names.Few(unknown)}");
        }

        var misfits = factors.Where(named => !Fits(named.Value, sites[named.Key].InFeatures, sites[named.Key].OutFeatures))
            .Select(named => $"{named.Key} with {Shapes(named.Value)} instead of A [r, {sites[named.Key].InFeatures}] and B [{sites[named.Key].OutFeatures}, r]").ToArray();
        if (misfits.Length > 0)
        {
            throw new DitException($"{source}: expected factors that fit the layers of {name}, found {misfits.Length} of {factors.Count} that do not: {Names.Few(misfits)}");
        }

        var damaged = factors.Where(named => !IsFinite(named.Value)).Select(named => named.Key).ToArray();
        if (damaged.Length > 0)
        {
            throw new DitException($"{source}: expected finite numbers, found others at {damaged.Length} of {factors.Count} layers: {Names.Few(damaged)}");
        }
    }

    /// <summary>Says that a diff was made for this base, or throws.</summary>
    /// <exception cref="DitException">It was made for another.</exception>
    public static void RequireBase(string source, string fingerprint, string baseName, string baseFingerprint)
    {
        if (fingerprint != baseFingerprint)
        {
            throw new DitException($"{source}: expected a diff of the base {baseName} (fingerprint {baseFingerprint}), found one made for another base (fingerprint {fingerprint})");
        }
    }

    /// <summary>Why factors that <see cref="ChangesAnything"/> is false of add nothing, to be followed by the sites.</summary>
    public static string ReasonForNothing(IEnumerable<double> scalings) =>
        scalings.All(scaling => scaling == 0) ? "its scaling is zero (lora_alpha 0)" : scalings.Any(scaling => scaling == 0) ? "its factors or their scalings are zero" : "its factors are zero";

    /// <summary>Whether anything is added at all: factors of which one is zero, as before the first step of a training, add nothing.</summary>
    public static bool ChangesAnything(IReadOnlyDictionary<string, LowRankFactors> factors)
    {
        using var scope = NewDisposeScope();
        return factors.Values.Any(pair => pair.Scaling != 0 && pair.A.IsNonzero().any().item<bool>() && pair.B.IsNonzero().any().item<bool>());
    }

    private static bool Fits(LowRankFactors factors, int inFeatures, int outFeatures) =>
        factors.A.shape is [var rank, var input] && factors.B.shape is [var output, var other] && rank == other && input == inFeatures && output == outFeatures;

    private static bool IsFinite(LowRankFactors factors)
    {
        using var scope = NewDisposeScope();
        return double.IsFinite(factors.Scaling) && factors.A.isfinite().all().item<bool>() && factors.B.isfinite().all().item<bool>();
    }

    private static string Shapes(LowRankFactors factors) => $"A [{string.Join(", ", factors.A.shape)}] and B [{string.Join(", ", factors.B.shape)}]";
}
