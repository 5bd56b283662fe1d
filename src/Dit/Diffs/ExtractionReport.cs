using System.Text.Json;
using Dit.Files;

namespace Dit.Diffs;

/// <summary>What was kept of one site's difference.</summary>
/// <param name="Site">The site.</param>
/// <param name="Rank">Rank of its factors.</param>
/// <param name="Norm">Frobenius norm of the difference.</param>
/// <param name="RelativeNorm">The same as a share of the base's weight; null where that is zero.</param>
/// <param name="KeptEnergy">Share of the squared norm that the factors hold, from 0 to 1.</param>
public sealed record ExtractedSite(string Site, int Rank, double Norm, double? RelativeNorm, double KeptEnergy);

/// <summary>A weight that changed and that no low-rank addition to linear layers can hold.</summary>
/// <param name="Weight">Its whole name.</param>
/// <param name="Norm">Frobenius norm of the difference.</param>
/// <param name="RelativeNorm">The same as a share of the base's weight; null where that is zero.</param>
public sealed record LeftOutWeight(string Weight, double Norm, double? RelativeNorm);

/// <summary>What an extraction kept of a full finetune and what it could not; written as <c>dit-extract.json</c> beside the adapter.</summary>
public sealed record ExtractionReport
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "dit-extract.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The finetuned folder as it was named.</summary>
    public required string Finetuned { get; init; }

    /// <summary>The base's folder as it was named.</summary>
    public required string Base { get; init; }

    /// <summary>The base's fingerprint.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>The rank that was asked for; null for all there is.</summary>
    public int? Rank { get; init; }

    /// <summary>Frobenius norm of the differences at all sites together.</summary>
    public double Norm => Math.Sqrt(Energy(Sites));

    /// <summary>Share of their squared norm that the factors hold, from 0 to 1.</summary>
    public double KeptEnergy => Kept(Sites);

    /// <summary>Share of the squared norm of everything that changed that lies in weights which were left out.</summary>
    public double LeftOutEnergy => LeftOut.Sum(weight => weight.Norm * weight.Norm) is var left && left == 0 ? 0 : left / (left + Energy(Sites));

    /// <summary>The sites, in the order of the computation.</summary>
    public required IReadOnlyList<ExtractedSite> Sites { get; init; }

    /// <summary>What changed outside of them.</summary>
    public required IReadOnlyList<LeftOutWeight> LeftOut { get; init; }

    /// <summary>How the two checkpoints were made comparable.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The norm and the share that was kept of some sites together, such as those of a layer.</summary>
    public static (double Norm, double KeptEnergy) Of(IReadOnlyCollection<ExtractedSite> sites) => (Math.Sqrt(Energy(sites)), Kept(sites));

    internal void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, Json));

    private static double Energy(IEnumerable<ExtractedSite> sites) => sites.Sum(site => site.Norm * site.Norm);

    private static double Kept(IReadOnlyCollection<ExtractedSite> sites) => sites.Sum(site => site.KeptEnergy * site.Norm * site.Norm) / Energy(sites);
}
