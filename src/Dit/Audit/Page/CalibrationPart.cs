using System.Globalization;
using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>How far confidences can be trusted: how often verdicts of each confidence were right.</summary>
internal static class CalibrationPart
{
    // As wide as a phone, so that the letters are as large there as the text around.
    private const double Width = 360, Height = 330, Left = 52, Right = 344, Top = 14, Bottom = 280;

    public static XElement Of(Reliability? calibration, IReadOnlyDictionary<string, int> kinds) => Section(
        "calibration",
        "How far the confidence can be trusted",
        calibration is null
            ? Tag("p", "No calibration fits this base and adapter, so no confidence is given. The verdict and its reasons stand for themselves.")
            : Calibrated(calibration, kinds));

    private static XElement[] Calibrated(Reliability calibration, IReadOnlyDictionary<string, int> kinds) =>
    [
        Tag(
            "p",
            $"{AuditNumber.Count(calibration.Finetunes)} finetunes whose labels were known, and from which nothing was fitted, were audited: {AuditNumber.Percent(calibration.Right)} of the verdicts were right. "
            + $"Confidence and share of right verdicts lie {AuditNumber.Shown(calibration.ExpectedCalibrationError)} apart on average (expected calibration error; 0 is best)."),
        Tag("p", $"{(kinds.Values.Sum() > calibration.Finetunes ? $"Of {AuditNumber.Count(kinds.Values.Sum() - calibration.Finetunes)} more no confidence could be given. All together were" : "They were")} of these kinds: {string.Join(", ", kinds.Select(kind => $"{AuditNumber.Count(kind.Value)} {kind.Key}"))}. Of a finetune of another kind, or one trained in another way, nobody has measured how often such a verdict is right."),
        Tag("figure", Plot(calibration.Bins), Tag("figcaption", "A disc for each tenth of confidences, the larger the more verdicts it holds. On the diagonal, confidence is as often right as it says.")),
        Table(
            "The same in numbers",
            ["confidence", "verdicts", "mean confidence", "right"],
            calibration.Bins.Select(bin => Tag(
                "tr",
                RowHead($"{AuditNumber.Percent(bin.From)} – {AuditNumber.Percent(bin.To)}"),
                Number(AuditNumber.Count(bin.Count)),
                Number(AuditNumber.Percent(bin.Confidence)),
                Number(AuditNumber.Percent(bin.Right))))),
    ];

    private static XElement Plot(IReadOnlyList<ReliabilityBin> bins)
    {
        var svg = Tag(
            "svg", Class("plot"), Attribute("viewBox", $"0 0 {Width} {Height}"), Attribute("role", "img"), Attribute("aria-labelledby", "reliability-title reliability-text"),
            Tag("title", Attribute("id", "reliability-title"), "Confidence and share of right verdicts"),
            Tag("desc", Attribute("id", "reliability-text"), $"{bins.Count} discs beside the diagonal from 0 to 100 %; the table below has the numbers."));
        foreach (var tick in new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })
        {
            svg.Add(Line("grid", X(tick), Y(0), X(tick), Y(1)));
            svg.Add(Line("grid", X(0), Y(tick), X(1), Y(tick)));
            svg.Add(Text(X(tick), Y(0) + 17, "middle", AuditNumber.Percent(tick)));
            svg.Add(Text(X(0) - 6, Y(tick) + 4, "end", AuditNumber.Percent(tick)));
        }

        svg.Add(Line("diagonal", X(0), Y(0), X(1), Y(1)));
        var most = bins.Select(bin => bin.Count).DefaultIfEmpty(1).Max();
        foreach (var bin in bins.Where(bin => double.IsFinite(bin.Confidence) && double.IsFinite(bin.Right)))
        {
            var radius = 3.5 + (7.5 * Math.Sqrt((double)bin.Count / Math.Max(1, most)));
            svg.Add(Tag("circle", Class("dot claimed"), At("cx", X(bin.Confidence)), At("cy", Y(bin.Right)), At("r", radius)));
            svg.Add(Text(X(bin.Confidence) - radius - 3, Y(bin.Right) + 4, "end", AuditNumber.Count(bin.Count)));
        }

        svg.Add(Text((Left + Right) / 2, Bottom + 38, "middle", "confidence"));
        var upright = Text(14, (Top + Bottom) / 2, "middle", "verdicts that were right");
        upright.Add(Attribute("transform", $"rotate(-90 14 {((Top + Bottom) / 2).ToString(CultureInfo.InvariantCulture)})"));
        svg.Add(upright);
        return svg;
    }

    private static double X(double share) => double.Lerp(Left, Right, Math.Clamp(share, 0, 1));

    private static double Y(double share) => double.Lerp(Bottom, Top, Math.Clamp(share, 0, 1));

    private static XElement Line(string name, double x1, double y1, double x2, double y2) => Tag("line", Class(name), At("x1", x1), At("y1", y1), At("x2", x2), At("y2", y2));

    private static XElement Text(double x, double y, string anchor, string text) => Tag("text", Class("small"), At("x", x), At("y", y), Attribute("text-anchor", anchor), text);

    private static XAttribute At(string name, double value) => Attribute(name, Math.Round(value, 2).ToString(CultureInfo.InvariantCulture));
}
