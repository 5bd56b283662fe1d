using System.Globalization;
using System.Xml.Linq;
using Dit.Diffs.Inspection;
using Dit.Evaluation.Plots;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>How big the diff is, where it lies, and what is odd about it.</summary>
internal static class DiffPart
{
    /// <summary>Colours of the norm map; <see cref="PageStyle"/> has a class for each.</summary>
    public const int Shades = 17;

    public static XElement Of(AuditedDiff diff) => Section(
        "diff",
        "Where the change is",
        Tag("p", Size(diff)),
        AuditHeatMap.Of(diff) is { } map ? NormMap(map) : Tag("p", "It has no norm map: it changes no linear layer of a numbered decoder layer."),
        diff.ChangedElsewhere.Count > 0
            ? Tag("p", "It changes weights beside the linear layers, too: ", diff.ChangedElsewhere.SelectMany((name, at) => new object[] { at > 0 ? ", " : "", Tag("code", name) }), ".")
            : null,
        Findings(diff.Findings),
        diff.Sites.Count > 0 ? Tag("details", Tag("summary", $"All {diff.Sites.Count} linear layers that it changes"), Sites(diff)) : null);

    private static string Size(AuditedDiff diff)
    {
        var ranks = diff.Sites.Select(site => site.Rank).OfType<int>().Distinct().Order().ToArray();
        return $"{diff.Form} of {AuditNumber.Count(diff.Parameters)} numbers"
            + (ranks.Length == 0 ? "" : ranks.Length == 1 ? $", rank {ranks[0]}" : $", ranks {ranks[0]} to {ranks[^1]}")
            + $", in {diff.Sites.Count} of the base's {diff.BaseSites.Count} linear layers. ‖ΔW‖ = {AuditNumber.Shown(diff.Norm)}"
            + (diff.RelativeNorm is { } share ? $", {AuditNumber.Share(share)} of the weights that it changes." : ".");
    }

    /// <summary>A layer a row, so that it fits a phone however many layers there are.</summary>
    private static XElement NormMap(HeatMap map)
    {
        var largest = map.Largest;
        var rows = Enumerable.Range(0, map.Columns.Count).Select(layer => Tag(
            "tr", RowHead(map.Columns[layer]), Enumerable.Range(0, map.Rows.Count).Select(kind => Shaded(map.Value(kind, layer), largest))));
        var table = Table($"{map.ValueTitle} of each linear layer: dark is little, bright is much, · is not changed", [map.ColumnTitle, .. map.Rows], rows);
        table.Element("table")!.Add(Class("heat"));
        return table;
    }

    private static XElement Shaded(double? value, double largest) => value switch
    {
        null => Tag("td", Class("empty"), Tag("span", Attribute("aria-label", "not changed"), "·")),
        { } number when !double.IsFinite(number) => Tag("td", Class("broken"), AuditNumber.Shown(number)),
        { } number => Tag("td", Class($"h{(int)Math.Round(Math.Clamp(number / largest, 0, 1) * (Shades - 1))}"), AuditNumber.Shown(number)),
    };

    private static XElement Findings(IReadOnlyList<Finding> findings) => findings.Count == 0
        ? Tag("p", "Nothing is odd about it.")
        : Tag("ul", findings.OrderByDescending(finding => finding.Level).Select(finding => Tag(
            "li", Tag("strong", finding.Level == FindingLevel.Error ? "Cannot be used as it is: " : "Odd: "), finding.Sentence)));

    private static XElement Sites(AuditedDiff diff) => Table(
        "Every linear layer that is changed",
        ["linear layer", "rank", "‖ΔW‖", "share of ‖W‖"],
        diff.Sites.Select(site => Tag(
            "tr",
            RowHead(Tag("code", site.Site)),
            Number(site.Rank?.ToString(CultureInfo.InvariantCulture) ?? "–"),
            Number(AuditNumber.Shown(site.Norm)),
            Number(site.RelativeNorm is { } share ? AuditNumber.Share(share) : "–"))));
}
