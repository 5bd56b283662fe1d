using Dit.Diffs.Inspection;
using Dit.Models;

namespace Dit.Cli;

/// <summary>Inspections for programs. What is not a number is null, as JSON knows no NaN.</summary>
internal static class InspectionJson
{
    public static object Of(DiffInspection inspection) => new
    {
        inspection.Source,
        inspection.Form,
        inspection.Base,
        inspection.Label,
        inspection.Parameters,
        norm = Finite(inspection.Norm),
        relative_norm = Finite(inspection.RelativeNorm),
        spread = Of(inspection.Spread, SpreadSentence.Of(inspection)),
        missing = Missing(inspection),
        changed_elsewhere = inspection.ChangedElsewhere,
        findings = Findings(inspection),
        sites = Sites(inspection),
    };

    public static object Of(DiffSetInspection set) => new
    {
        set.Source,
        form = set.Mean.Form,
        set.Mean.Base,
        mean_norm = Finite(set.Diffs.Average(diff => diff.Inspection.Norm)),
        spread_of_mean = Of(set.Mean.Spread, SpreadSentence.Of(set.Mean)),
        findings = Findings(set.Mean),
        diffs = set.Diffs.Select(diff => new
        {
            diff.Diff.Id,
            label = diff.Diff.Topic,
            diff.Diff.Split,
            rank = diff.Inspection.Sites.Select(site => site.Rank).Max(),
            diff.Inspection.Parameters,
            norm = Finite(diff.Inspection.Norm),
            relative_norm = Finite(diff.Inspection.RelativeNorm),
            effective_sites = diff.Inspection.Spread?.EffectiveCount,
            top_site = diff.Inspection.Sites.MaxBy(site => site.Norm)?.Site,
            top_share = diff.Inspection.Spread?.TopShare,
        }),
        mean_sites = Sites(set.Mean),
    };

    /// <summary>The base's layers that a diff does not name; null where no base is known.</summary>
    public static IReadOnlyList<string>? Missing(DiffInspection inspection) =>
        inspection.BaseSites is null ? null : [.. inspection.BaseSites.Except(inspection.Sites.Select(site => site.Site), StringComparer.Ordinal)];

    private static object Findings(DiffInspection inspection) =>
        inspection.Findings.Select(finding => new { level = finding.Level == FindingLevel.Error ? "error" : "odd", finding.Sentence });

    private static object Sites(DiffInspection inspection) => inspection.Sites.Select(site => new
    {
        site.Site,
        site.Place.Layer,
        site.Place.Kind,
        shape = new[] { site.OutFeatures, site.InFeatures },
        site.Rank,
        scaling = Finite(site.Scaling),
        type = site.Type.Name(),
        norm = Finite(site.Norm),
        relative_norm = Finite(site.RelativeNorm),
        largest_singular_value = site.Spectrum?.Largest,
        numerical_rank = site.Spectrum?.NumericalRank,
        stable_rank = site.Spectrum?.StableRank,
        effective_rank = site.Spectrum?.EffectiveRank,
        top_row_share = Finite(site.TopRowShare),
        top_column_share = Finite(site.TopColumnShare),
    });

    private static object? Of(Spread? spread, string? sentence) => spread is null ? null : new
    {
        sentence,
        places = spread.Places,
        effective_sites = spread.EffectiveCount,
        top_share = spread.TopShare,
        top_tenth_share = spread.TopTenthShare,
        sites_for_90_percent = spread.CountFor90,
    };

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
