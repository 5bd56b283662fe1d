using Dit.Models.Checkpoints;
using TorchSharp;

namespace Dit.Diffs.Inspection;

/// <summary>One diff of several, before it is inspected.</summary>
/// <param name="Id">Names it among the others.</param>
/// <param name="Topic">Its label; null where it has none.</param>
/// <param name="Split">What it may be used for; null where that is not said.</param>
/// <param name="PassesGate">Whether its behaviour shows and hides as it should; null where that was not measured.</param>
/// <param name="Load">Loads its factors into the current dispose scope.</param>
public sealed record DiffOfSet(string Id, string? Topic, string? Split, bool? PassesGate, Func<PeftAdapter> Load);

/// <summary>All diffs of a set, one by one and on average.</summary>
public sealed record DiffSetInspection
{
    /// <summary>The set's folder or file.</summary>
    public required string Source { get; init; }

    /// <summary>The diffs in the order of the set.</summary>
    public required IReadOnlyList<(DiffOfSet Diff, DiffInspection Inspection)> Diffs { get; init; }

    /// <summary>A diff with the mean norm of all at every site; its findings are those of the set.</summary>
    public required DiffInspection Mean { get; init; }

    /// <summary>Inspects the diffs of a set, one in memory at a time.</summary>
    /// <param name="source">What the user named.</param>
    /// <param name="form">What it is, such as "diff set".</param>
    /// <param name="diffs">At least one diff.</param>
    /// <param name="model">The base; null where none is known.</param>
    /// <param name="card">For which base they were made; null where that is not known.</param>
    /// <exception cref="DitException">A diff is damaged.</exception>
    public static DiffSetInspection Of(string source, string form, IEnumerable<DiffOfSet> diffs, InspectionBase? model, DiffCard? card)
    {
        // A base's weights are measured once, not once a diff.
        var norms = model?.Sites.Keys.ToDictionary(site => site, site => model.Norm(site), StringComparer.Ordinal);
        var inspected = new List<(DiffOfSet Diff, DiffInspection Inspection)>();
        foreach (var diff in diffs)
        {
            using var scope = torch.NewDisposeScope();
            var one = DiffInspector.OfFactors($"{source}#{diff.Id}", "diff of a set", diff.Load(), model: null);
            inspected.Add((diff, one with
            {
                Sites = [.. one.Sites.Select(site => site with { BaseNorm = norms?.GetValueOrDefault(site.Site) })],
                BaseSites = model is null ? null : [.. model.Sites.Keys],
            }));
        }

        return new DiffSetInspection { Source = source, Diffs = inspected, Mean = MeanOf(source, form, inspected, model, card) };
    }

    private static DiffInspection MeanOf(
        string source, string form, List<(DiffOfSet Diff, DiffInspection Inspection)> diffs, InspectionBase? model, DiffCard? card)
    {
        // Where a diff names no site it changes nothing there.
        var sites = DiffInspector.InOrder(diffs.SelectMany(diff => diff.Inspection.Sites).GroupBy(site => site.Site, StringComparer.Ordinal)
            .Select(site => site.First() with { Norm = site.Sum(each => each.Norm) / diffs.Count, Spectrum = null, TopRowShare = 0, TopColumnShare = 0 }));
        return new DiffInspection
        {
            Source = source,
            Form = form,
            IsMean = true,
            Base = model?.Name,
            Sites = sites,
            BaseSites = model is null ? null : [.. model.Sites.Keys],
            Findings = [.. Oddities.Of(sites, model), .. Outliers(diffs), .. DiffInspector.OtherBase(card, model)],
        };
    }

    private static IEnumerable<Finding> Outliers(List<(DiffOfSet Diff, DiffInspection Inspection)> diffs)
    {
        const double times = 3;
        string[] unusable = [.. diffs.Where(diff => !diff.Inspection.IsUsable).Select(diff => diff.Diff.Id)];
        if (unusable.Length > 0)
        {
            yield return new Finding(FindingLevel.Error, $"{unusable.Length} of {diffs.Count} diffs change nothing or hold numbers that are not finite: {Names.Few(unusable)}");
        }

        var median = Oddities.Median(diffs.Select(diff => diff.Inspection.Norm).Where(double.IsFinite));
        string[] far = [.. diffs.Where(diff => diff.Inspection.Norm > times * median || diff.Inspection.Norm < median / times).Select(diff => diff.Diff.Id)];
        if (far.Length > 0 && unusable.Length == 0)
        {
            yield return new Finding(FindingLevel.Odd, $"{far.Length} of {diffs.Count} diffs are more than {times} times as large or as small as the median one: {Names.Few(far)}");
        }

        string[] gated = [.. diffs.Where(diff => diff.Diff.PassesGate == false).Select(diff => diff.Diff.Id)];
        if (gated.Length > 0)
        {
            yield return new Finding(FindingLevel.Odd, $"{gated.Length} of {diffs.Count} diffs do not pass the gate: {Names.Few(gated)}");
        }
    }
}
