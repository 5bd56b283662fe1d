using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>What everything comes to, before all else: the verdict, how sure it is, and why.</summary>
internal static class VerdictPart
{
    public static XElement Of(AuditReport report) => Tag(
        "header",
        Tag("p", Class("eyebrow"), "Audit of a finetune"),
        Tag("h1", Tag("bdi", Printable.Line(report.Finetune, 200))),
        Tag(
            "div",
            Class($"verdict {AuditWords.Name(report.Verdict)}"),
            Tag("p", Class("title"), AuditWords.Title(report.Verdict)),
            Tag("p", Class("sentence"), AuditWords.Sentence(report)),
            Tag("p", AuditWords.Confidence(report)),
            report.Confidence is { } confidence && double.IsFinite(confidence) ? Bars.Share(confidence) : null),
        Tag("h2", "Why"),
        report.Reasons.Count > 0
            ? Tag("ol", report.Reasons.Select(reason => Tag("li", reason)))
            : Tag("p", "The audit gives no reasons."),
        FailingControls(report));

    private static XElement? FailingControls(AuditReport report) => AuditWords.FailingControls(report) is { Count: > 0 } failing
        ? Tag(
            "div",
            Class("warning"),
            Tag("p", Tag("strong", failing.Count == 1 ? "A control fails." : $"{failing.Count} controls fail."), " What the adapter says of this finetune is worth the less for it."),
            Tag("ul", failing.Select(item => Tag(
                "li", "Asked ", Said(item.Answer.Question), $" of {AuditWords.PutTo(item.Control)}, the adapter says ", Said(item.Control.Answer), "."))))
        : null;
}
