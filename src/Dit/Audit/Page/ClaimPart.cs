using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>What is claimed of the finetune, and what each way of looking shows of that, in numbers.</summary>
internal static class ClaimPart
{
    public static XElement? Of(AuditReport report) => report.Claim is not { } claim ? null : Section(
        "claim",
        report.Verdict == AuditVerdict.ChangedAsClaimed ? "What it was trained on, by all that shows" : "What it may have been trained on",
        Tag("p", Class("claim"), $"{Say(AuditWords.Setting(claim.Setting))}: ", Said(claim.Label)),
        Table("What each way of looking shows of this claim", ["looked at", "found"], Rows(report, claim)));

    private static IEnumerable<XElement> Rows(AuditReport report, AuditClaim claim)
    {
        foreach (var answer in report.Answers.Where(answer => answer.Setting == claim.Setting))
        {
            yield return Row(
                "what the adapter says", Said(answer.Answer), $", in {AuditNumber.Percent(answer.Agreement)} of its samples",
                answer.Labels.FirstOrDefault(label => label.Label == claim.Label) is { } label ? $"; the claimed label has {AuditNumber.Percent(label.Share)} of the probability of all labels" : null);
        }

        foreach (var test in report.Evidence.Likelihoods.Where(test => test.Setting == claim.Setting))
        {
            if (test.Lifts.FirstOrDefault(lift => lift.Label == claim.Label) is { } lift)
            {
                yield return Row(
                    "how likely texts about it are", Said(test.Condition),
                    $" they gain {AuditNumber.Signed(lift.Lift)} nats a token, {AuditNumber.Signed(lift.Deviations)} standard deviations from the mean of all labels; place {AuditNumber.Count(lift.Rank)} of {AuditNumber.Count(test.LabelCount)}");
            }
        }

        foreach (var test in report.Evidence.Amplified)
        {
            if (test.Mentions is { } mentions)
            {
                yield return Row(
                    test.Strength.Equals(1) ? "what it says by itself" : $"what it says with {AuditNumber.Plain(test.Strength)} times the diff", Said(test.Condition), $" {AuditNumber.Plain(mentions)} telling words an answer",
                    test.BaseMentions is { } others ? $", {AuditNumber.Plain(others)} from the bare base" : null);
            }
        }
    }

    private static XElement Row(string head, params ReadOnlySpan<object?> found) => Tag("tr", RowHead(head), Cell(found));

    private static string Say(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
