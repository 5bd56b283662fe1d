using System.Globalization;
using Dit.Diffs.Inspection;
using Dit.Evaluation.Plots;
using Dit.Models;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>What <c>dit diff inspect</c> prints.</summary>
internal static class InspectionReport
{
    private const int NameWidth = 10;

    public static void Print(DiffInspection inspection, DiffSetInspection? set)
    {
        Say.Line((inspection.Source, Say.Bold), ($"  {inspection.Form}{(inspection.Base is null ? "" : $" of {inspection.Base}")}", null));
        if (set is not null)
        {
            Line("diffs", string.Join(", ", set.Diffs.GroupBy(diff => diff.Diff.Split ?? "", StringComparer.Ordinal).Select(split => $"{split.Count()} {split.Key}".TrimEnd())));
        }
        else if (inspection.Label is { } topic)
        {
            Line("label", topic);
        }

        Line("layers", Sites(inspection));
        Line("factors", Factors(inspection, set));
        Line("‖ΔW‖", set is null ? Size(inspection) : Sizes(set));
        if (set is null && Ranks(inspection) is { } ranks)
        {
            Line("rank used", ranks);
        }

        if (InspectionHeatMap.Of(inspection) is { } map)
        {
            AnsiConsole.WriteLine();
            Say.Line((map.ValueTitle + " of each linear layer", Say.Bold));
            HeatMapText.Print(map);
        }

        if (set is not null)
        {
            Extremes(set);
        }

        if (SpreadSentence.Of(inspection) is { } spread)
        {
            AnsiConsole.WriteLine();
            Say.Line((Say.Sentence(spread), null));
        }

        Findings(inspection.Findings);
    }

    public static void Findings(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings.OrderByDescending(finding => finding.Level))
        {
            var (mark, colour) = finding.Level == FindingLevel.Error ? ("✗", Color.Red) : ("!", Color.Yellow);
            Say.Line((mark + " ", new Style(colour)), (Say.Sentence(finding.Sentence), null));
        }

        if (findings.Count == 0)
        {
            Say.Line(("✓ ", new Style(Color.Green)), ("Nothing odd about it.", null));
        }
    }

    private static string Sites(DiffInspection inspection)
    {
        var layers = inspection.Sites.Select(site => site.Place.Layer).OfType<int>().Distinct().Count();
        var kinds = SitePlace.InOrder(inspection.Sites.Where(site => site.Place.Layer is not null).Select(site => site.Place.Kind));
        var missing = inspection.BaseSites is null ? [] : SitePlace.InOrder(inspection.BaseSites.Select(site => SitePlace.Of(site).Kind)).Except(kinds, StringComparer.Ordinal).ToArray();
        var count = inspection.BaseSites is { } all ? $"{inspection.Sites.Count(site => all.Contains(site.Site, StringComparer.Ordinal))} of {all.Count}" : $"{inspection.Sites.Count}";
        return $"{count} linear layers: {string.Join(' ', kinds)} in {layers} decoder layer{(layers == 1 ? "" : "s")}{(missing.Length > 0 ? $"; no {string.Join(' ', missing)}" : "")}";
    }

    private static string Factors(DiffInspection inspection, DiffSetInspection? set)
    {
        var sites = inspection.Sites;
        var parts = new List<string>();
        if (sites.Any(site => site.Rank is not null))
        {
            parts.Add($"rank {Range(sites.Select(site => (double)(site.Rank ?? 0)))}");
            parts.Add($"scaling {Range(sites.Select(site => site.Scaling))}");
        }

        parts.Add(string.Join(" and ", sites.SelectMany(site => new[] { site.Type, site.TypeOfB ?? site.Type }).Distinct().Select(type => type.Name())));
        parts.Add($"{inspection.Parameters.ToString("N0", CultureInfo.InvariantCulture)} numbers{(set is null ? "" : " each")}");
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private static string Size(DiffInspection inspection) =>
        HeatMapText.Number(inspection.Norm) + (inspection.RelativeNorm is { } share ? $", {Percent(share)} of ‖W‖" : "")
        + (inspection.Sites.Where(site => site.RelativeNorm is not null).MaxBy(site => site.RelativeNorm) is { } most ? $"; most at {most.Site}, {Percent(most.RelativeNorm!.Value)}" : "");

    private static string Sizes(DiffSetInspection set)
    {
        var norms = set.Diffs.Select(diff => diff.Inspection.Norm).ToArray();
        var shares = set.Diffs.Select(diff => diff.Inspection.RelativeNorm).OfType<double>().ToArray();
        return $"{HeatMapText.Number(norms.Average())} on average, from {HeatMapText.Number(norms.Min())} to {HeatMapText.Number(norms.Max())}"
            + (shares.Length == norms.Length ? $"; {Percent(shares.Average())} of ‖W‖" : "");
    }

    private static string? Ranks(DiffInspection inspection)
    {
        var spectra = inspection.Sites.Select(site => site.Spectrum).OfType<Spectrum>().ToArray();
        if (spectra.Length == 0 || inspection.Sites.All(site => site.Rank == 1))
        {
            return null;
        }

        var stable = $"stable rank {Range(spectra.Select(spectrum => Math.Round(spectrum.StableRank, 1)))}";
        return spectra.All(spectrum => spectrum.EffectiveRank is not null)
            ? $"{Range(spectra.Select(spectrum => (double)spectrum.NumericalRank!.Value))} numerically, effective rank {Range(spectra.Select(spectrum => Math.Round(spectrum.EffectiveRank!.Value, 1)))}, {stable}"
            : stable;
    }

    private static void Extremes(DiffSetInspection set)
    {
        const int shown = 3;
        var sorted = set.Diffs.OrderByDescending(diff => diff.Inspection.Norm).ToArray();
        var table = new Table { Border = TableBorder.Simple }.AddColumns("diff", "‖ΔW‖", "as if evenly over", "most at");
        foreach (var (diff, i) in sorted.Select((diff, i) => (diff, i)).Where(item => item.i < shown || item.i >= sorted.Length - shown))
        {
            if (i == sorted.Length - shown && sorted.Length > 2 * shown)
            {
                table.AddRow("…", "", "", "");
            }

            table.AddRow(
                Say.Cell(diff.Diff.Id), HeatMapText.Number(diff.Inspection.Norm),
                diff.Inspection.Spread is { } spread ? $"{spread.EffectiveCount:0.0} of {spread.Places} layers" : "",
                diff.Inspection.Sites.MaxBy(site => site.Norm) is { } top && diff.Inspection.Spread is { } all ? $"{Say.Cell(top.Site)} ({Percent(all.TopShare)})" : "");
        }

        AnsiConsole.Write(table);
    }

    private static void Line(string name, string text) => Say.Line(($"  {name.PadRight(NameWidth)}", Say.Dim), (text, null));

    private static string Range(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return all.Min().Equals(all.Max()) ? Shown(all[0]) : $"{Shown(all.Min())} to {Shown(all.Max())}";

        static string Shown(double value) => value.ToString(Math.Abs(value) < 1e6 ? "0.####" : "0.0e0", CultureInfo.InvariantCulture);
    }

    private static string Percent(double share) => share < 100
        ? share.ToString(share < 0.1 ? "0.0 %" : "0 %", CultureInfo.InvariantCulture)
        : $"{(100 * share).ToString("0.0e0", CultureInfo.InvariantCulture)} %";
}
