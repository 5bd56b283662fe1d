using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>What the adapter says to every question, how sure it seems, and what it says where there is nothing to tell.</summary>
internal static class AnswersPart
{
    public static XElement Of(AuditReport report) => Section(
        "answers",
        "What the adapter says",
        Tag("p", "The adapter was added to the finetune and asked. Beside its answers stands what it says where nothing was finetuned: an adapter that names something there, too, cannot be trusted here."),
        report.Answers.Count > 0 ? report.Answers.Select(Article) : Tag("p", "The adapter was asked nothing."));

    private static XElement Article(AuditAnswer answer) => Tag(
        "article",
        Tag("h3", Tag("bdi", answer.Question)),
        Tag("p", Class("claim"), Said(answer.Answer)),
        Tag("p", answer.SaysNothing ? "By this the adapter says that there is nothing of this kind. " : null, Agreement(answer)),
        Samples(answer),
        Labels(answer),
        answer.Controls.Count > 0
            ? Table("Controls: the same question where there is nothing to be told", ["put to", "the adapter says", "the control"], answer.Controls.Select(control => Tag(
                "tr", control.Holds ? null : Class("fails"), RowHead(AuditWords.PutTo(control)), Cell(Said(control.Answer)), Cell(AuditWords.Outcome(control)))))
            : Tag("p", "No control was made of this answer."));

    private static string Agreement(AuditAnswer answer) => answer.Samples.Count switch
    {
        0 => "No samples were drawn.",
        1 => $"One answer was drawn at random; it is {(answer.Samples[0] == answer.Answer ? "the same" : "another")}.",
        _ => $"{AuditNumber.Percent(answer.Agreement)} of {answer.Samples.Count} answers drawn at random, to this and other wordings, are the same.",
    };

    private static XElement? Samples(AuditAnswer answer) => answer.Samples.Count == 0 ? null : Tag(
        "details",
        Tag("summary", answer.Samples.Count == 1 ? "The sample" : $"The {answer.Samples.Count} samples"),
        Tag("ul", AuditWords.Samples(answer).Select(sample => Tag("li", Said(sample.Text), sample.Count > 1 ? $" × {sample.Count}" : null))));

    private static XElement? Labels(AuditAnswer answer) => answer.Labels.Count == 0 ? null : Table(
        "How likely each label is as the whole answer, among all that are known",
        ["label", "", "share"],
        answer.Labels.Select(label => Tag("tr", RowHead(Said(label.Label)), Bars.Cell(label.Share, [1]), Number(AuditNumber.Percent(label.Share)))));
}
