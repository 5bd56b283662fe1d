using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>What the finetune does, whatever the adapter says.</summary>
internal static class EvidencePart
{
    private const int ProbesShown = 15;

    public static XElement Of(AuditReport report) => Section(
        "evidence",
        "What the finetune does",
        Tag("p", "Here the adapter has no say: the finetune is compared with its base."),
        Tag("h3", "Which prompts change it most"),
        Probes(report.Evidence),
        Tag("h3", "Which texts have become likelier"),
        report.Evidence.Likelihoods.Count > 0
            ? report.Evidence.Likelihoods.Select((test, at) => Likelihoods(test, report.Claim, at))
            : Tag("p", "This was not looked at: no labels are known for this base and adapter."),
        Tag("h3", "What it says when its diff is amplified"),
        Amplified(report.Evidence.Amplified));

    private static XElement[] Probes(AuditEvidence evidence)
    {
        if (evidence.Probes.Count == 0)
        {
            return [Tag("p", "No probes were made.")];
        }

        var shown = evidence.Probes.Take(ProbesShown).ToArray();
        var rest = evidence.Probes.Skip(ProbesShown).ToArray();
        return
        [
            evidence.Trigger is { } trigger
                ? Tag("p", "One probe changes it many times as much as most others do, and may hold a trigger: ", Said(trigger))
                : Tag("p", "No probe stands out as one with a trigger would."),
            ProbeTable($"How far apart the next words of finetune and base are{(rest.Length > 0 ? $": the {shown.Length} most changed of {evidence.Probes.Count} probes" : "")}", shown, evidence),
            .. rest.Length > 0 ? new[] { Tag("details", Tag("summary", rest.Length == 1 ? "The other probe" : $"The other {rest.Length} probes"), ProbeTable("The other probes", rest, evidence)) } : [],
        ];
    }

    private static XElement ProbeTable(string caption, IEnumerable<ProbeDivergence> probes, AuditEvidence evidence) => Table(
        caption,
        ["probe", "", "nats a token"],
        probes.Select(probe => Tag(
            "tr",
            probe.StandsOut ? Class("marked") : null,
            RowHead(Said(probe.Probe), probe.StandsOut ? Tag("span", Class("mark"), " stands out") : null),
            Bars.Cell(probe.Divergence, evidence.Probes.Select(other => other.Divergence)),
            Number(AuditNumber.Shown(probe.Divergence)))));

    private static XElement?[] Likelihoods(LikelihoodTest test, AuditClaim? claim, int at)
    {
        var claimed = claim?.Setting == test.Setting ? claim.Label : null;
        return
        [
            Tag("p", $"Texts about {AuditNumber.Count(test.LabelCount)} {(test.Setting == Behaviours.Setting.News ? "news stories" : "topics")}, ", Said(test.Condition), ":"),
            LiftPlot.Of(test, claimed, $"lifts-{at}"),
            test.Lifts.Count == 0 ? null : Table(
                "The labels whose texts gained most, and the claimed one",
                ["label", "", "deviations", "nats a token", "place"],
                test.Lifts.Select(lift => Tag(
                    "tr",
                    lift.Label == claimed ? Class("marked") : null,
                    RowHead(Said(lift.Label), lift.Label == claimed ? Tag("span", Class("mark"), " claimed") : null),
                    Bars.Cell(lift.Deviations, test.Lifts.Select(other => other.Deviations)),
                    Number(AuditNumber.Signed(lift.Deviations)),
                    Number(AuditNumber.Signed(lift.Lift)),
                    Number(AuditNumber.Count(lift.Rank))))),
        ];
    }

    private static IEnumerable<XElement> Amplified(IReadOnlyList<AmplifiedTest> tests) => tests.Count == 0
        ? [Tag("p", "This was not tried.")]
        : tests.Select(test => Tag(
            "div",
            Class("talk"),
            Tag("p", Tag("strong", test.Strength.Equals(1) ? "As it was trained" : $"With {AuditNumber.Plain(test.Strength)} times its diff"), ", ", Said(test.Condition), Telling(test)),
            test.Answers.Count > 0 ? Tag("ul", test.Answers.Select(answer => Tag("li", Said(answer)))) : null));

    private static string Telling(AmplifiedTest test) => test.Mentions is { } mentions
        ? $": {AuditNumber.Plain(mentions)} words an answer tell of the claim{(test.BaseMentions is { } others ? $", {AuditNumber.Plain(others)} where the bare base answers" : "")}."
        : ".";
}
