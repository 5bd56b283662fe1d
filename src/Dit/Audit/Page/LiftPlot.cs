using System.Globalization;
using System.Xml.Linq;
using Dit.Evaluation.Plots;
using Dit.Evaluation.Tables;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>Labels as dots on a line of standard deviations, the claimed one marked.</summary>
internal static class LiftPlot
{
    // As wide as a phone, so that the letters are as large there as the text around.
    private const double Width = 360, Height = 92, Left = 14, Right = 346, Line = 52;

    /// <summary>The plot; null where no label has a finite deviation.</summary>
    /// <param name="test">What is shown.</param>
    /// <param name="claimed">The claimed label; null where none of this setting is.</param>
    /// <param name="id">What the ids of its texts begin with.</param>
    public static XElement? Of(LikelihoodTest test, string? claimed, string id)
    {
        var finite = test.Lifts.Where(lift => double.IsFinite(lift.Deviations)).ToArray();
        if (finite.Length == 0)
        {
            return null;
        }

        var axis = Axis.OfValues(Unit.Plain, [.. finite.Select(lift => lift.Deviations)], Left, Right);
        var svg = Tag(
            "svg", Class("plot"), Attribute("viewBox", $"0 0 {Width} {Height}"), Attribute("role", "img"), Attribute("aria-labelledby", $"{id}-title {id}-text"),
            Tag("title", Attribute("id", $"{id}-title"), "How far labels lie above the mean of all labels"),
            Tag("desc", Attribute("id", $"{id}-text"), Description(finite, claimed)),
            Tag("line", Class("axis"), At("x1", Left), At("y1", Line), At("x2", Right), At("y2", Line)));
        foreach (var tick in axis.Ticks())
        {
            svg.Add(Tag("line", Class("axis"), At("x1", axis.At(tick)), At("y1", Line), At("x2", axis.At(tick)), At("y2", Line + 4)));
            svg.Add(Text(axis.At(tick), Line + 17, "middle", Axis.Name(tick, Unit.Plain), "small"));
        }

        svg.Add(Text(Width / 2, Height - 6, "middle", "standard deviations above the mean of all labels", "small"));
        // The claimed one last, so that no other lies upon it.
        foreach (var lift in finite.OrderBy(lift => lift.Label == claimed))
        {
            svg.Add(Tag("circle", Class(lift.Label == claimed ? "dot claimed" : "dot"), At("cx", axis.At(lift.Deviations)), At("cy", Line), At("r", lift.Label == claimed ? 6 : 4)));
        }

        if (finite.FirstOrDefault(lift => lift.Label == claimed) is { } mark)
        {
            var x = axis.At(mark.Deviations);
            svg.Add(Text(x, 32, x < Width / 3 ? "start" : x > Width * 2 / 3 ? "end" : "middle", $"claimed: {Printable.Line(mark.Label, 36)}", "strong"));
        }

        return Tag("figure", svg);
    }

    private static string Description(IReadOnlyList<LabelLift> lifts, string? claimed)
    {
        var most = lifts.MaxBy(lift => lift.Deviations)!;
        return $"{lifts.Count} labels between {AuditNumber.Signed(lifts.Min(lift => lift.Deviations))} and {AuditNumber.Signed(most.Deviations)}; the furthest is {most.Label}"
            + (lifts.FirstOrDefault(lift => lift.Label == claimed) is { } mark ? $", the claimed {mark.Label} is at {AuditNumber.Signed(mark.Deviations)}" : "") + ". The table below has the numbers.";
    }

    private static XElement Text(double x, double y, string anchor, string text, string style) =>
        Tag("text", Class(style), At("x", x), At("y", y), Attribute("text-anchor", anchor), text);

    private static XAttribute At(string name, double value) => Attribute(name, Math.Round(value, 2).ToString(CultureInfo.InvariantCulture));
}
