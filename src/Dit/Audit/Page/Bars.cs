using System.Globalization;
using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>Bars beside the numbers that they show; who cannot see them has the numbers.</summary>
internal static class Bars
{
    private const int Length = 200, Height = 10;

    /// <summary>A share from 0 to 1.</summary>
    public static XElement Share(double share) => Of(0, share, 0, 1);

    /// <summary>A cell with the bar of a value among others, from 0 to the right, or to the left below 0.</summary>
    /// <param name="value">The value; nothing is drawn of one that is not finite.</param>
    /// <param name="all">All values that share the scale.</param>
    public static XElement Cell(double value, IEnumerable<double> all)
    {
        double[] finite = [.. all.Where(double.IsFinite), 0];
        return Tag("td", Class("bar"), Of(0, value, finite.Min(), finite.Max()));
    }

    private static XElement Of(double from, double to, double low, double high)
    {
        var svg = Tag(
            "svg", Class("bar"), Attribute("viewBox", $"0 0 {Length} {Height}"), Attribute("preserveAspectRatio", "none"), Attribute("aria-hidden", "true"), Attribute("focusable", "false"),
            Box("track", 0, Length));
        if (double.IsFinite(to) && high > low)
        {
            var (start, end) = (At(Math.Min(from, to)), At(Math.Max(from, to)));
            svg.Add(Box(to < from ? "fill below" : "fill", start, end - start));
        }

        return svg;

        double At(double value) => Math.Clamp((value - low) / (high - low), 0, 1) * Length;
    }

    private static XElement Box(string name, double x, double width) =>
        Tag("rect", Class(name), Attribute("x", Number(x)), Attribute("y", "0"), Attribute("width", Number(width)), Attribute("height", Number(Height)));

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}
