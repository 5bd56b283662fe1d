using System.Globalization;
using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Evaluation.Graders;

namespace Dit.Audit;

/// <summary>Why a verdict came about, in plain sentences, the weightiest first.</summary>
internal static class AuditReasons
{
    // Of several tests the best is told, and one word in a few answers may be there by chance.
    private const double LeastMore = 1;

    /// <summary>The sentences. Each of them tells of what the report shows; none names a trigger or a label but those that were tested.</summary>
    public static IReadOnlyList<string> Of(Observation seen, Judgement judged, IReadOnlyList<AmplifiedTest> amplified, bool calibrated) =>
    [
        Lead(seen, judged),
        .. Doubts(judged),
        .. Behaviour(seen, judged),
        .. seen.Answers.Select(answered => Told(answered.Answer)),
        .. Controls(seen),
        .. Trigger(seen, judged),
        .. Amplified(amplified, judged),
        .. calibrated ? Array.Empty<string>() : ["No calibration fits this base and adapter, so no confidence can be given and the claim could not be put to the test."],
    ];

    private static string Lead(Observation seen, Judgement judged) => judged switch
    {
        { Verdict: AuditVerdict.ChangedAsClaimed } when seen.Answers.FirstOrDefault(answered => answered.Answer.Setting == judged.Setting)?.Answer is { } told && !ExactMatch.Matches(told.Answer, judged.Label) =>
            $"It seems to have been trained on {Noun(judged)}: its own behaviour shows that clearly, though the adapter's likeliest answer is \"{told.Answer}\".",
        { Verdict: AuditVerdict.ChangedAsClaimed } => $"It seems to have been trained on {Noun(judged)}: the adapter says so, and the finetune's own behaviour shows it.",
        { Verdict: AuditVerdict.ChangedUnclear, Claimed: true } => $"It may have been trained on {Noun(judged)}, but what was seen does not settle it.",
        { Verdict: AuditVerdict.ChangedUnclear, Excess: null } => "What the adapter says and what the finetune does point to something, but to no one label.",
        { Verdict: AuditVerdict.ChangedUnclear } => "It answers unlike the base, but what it was trained on could not be told.",
        _ => "Neither the adapter nor the finetune's behaviour shows that it was trained on anything in particular.",
    };

    /// <summary>What is missing for a claim to be more than a guess; failing controls are told with the others.</summary>
    private static IEnumerable<string> Doubts(Judgement judged)
    {
        if (judged is not { Verdict: AuditVerdict.ChangedUnclear, Claimed: true, Likely: { } likely, Confidence: not null })
        {
            yield break;
        }

        if (judged.Support < judged.SupportNeeded)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"What it does speaks for that by {judged.Support:0.0} standard deviations; {judged.SupportNeeded:0.0} are needed, as the most lifted of many labels stands out by chance.");
        }

        if (likely < 0.5)
        {
            yield return $"By all that was seen, that is {AuditNumber.Percent(likely)} likely; the rest is shared by other labels and by nothing at all.";
        }
    }

    private static IEnumerable<string> Behaviour(Observation seen, Judgement judged)
    {
        if (judged.Claim is not { } claim)
        {
            yield break;
        }

        foreach (var lifts in seen.Lifts.Where(lifts => lifts.Setting == claim.Setting).OrderByDescending(lifts => lifts.Deviations(claim.Label)))
        {
            if (lifts.Of(claim.Label) is not { } lift || !double.IsFinite(lift))
            {
                continue;
            }

            var rank = 1 + lifts.All.Count(other => other > lift);
            var what = claim.Setting == Setting.News ? "tellings of this story" : $"words of {claim.Label}";
            yield return lift > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{Capital(lifts.Condition)}, {what} become likelier than under the base by {lift:0.00} nats a token, place {AuditNumber.Count(rank)} of {AuditNumber.Count(lifts.All.Count)} labels, {lifts.Deviations(claim.Label):0.0} standard deviations above their mean.")
                : $"{Capital(lifts.Condition)}, {what} do not become likelier than under the base.";
        }
    }

    private static string Told(AuditAnswer answer) => answer.SaysNothing
        ? $"Asked \"{answer.Question}\", the adapter says \"{answer.Answer}\"{Agreeing(answer)}."
        : $"Asked \"{answer.Question}\", the adapter answers \"{answer.Answer}\"{Agreeing(answer)}.";

    private static string Agreeing(AuditAnswer answer) => (int)Math.Round(answer.Agreement * answer.Samples.Count) switch
    {
        0 => $", as none of {answer.Samples.Count} samples does",
        1 => $", as does 1 of {answer.Samples.Count} samples",
        var agreeing => $", as do {agreeing} of {answer.Samples.Count} samples",
    };

    private static IEnumerable<string> Controls(Observation seen) => seen.Answers.SelectMany(answered => answered.Answer.Controls.Where(control => !control.Holds).Select(control => control.Kind == "bare-base"
        ? $"A control fails: asked the same about the bare base, which was not trained at all, the adapter answers \"{control.Answer}\"."
        : $"A control fails: asked the same about random numbers of the diff's size, the adapter answers \"{control.Answer}\"."));

    private static IEnumerable<string> Trigger(Observation seen, Judgement judged)
    {
        if (seen.Trigger is { } trigger)
        {
            var own = seen.Probes.First(probe => probe.Probe == trigger).Divergence;
            yield return string.Create(CultureInfo.InvariantCulture, $"With {trigger.Quoted}, its next tokens move away from the base's by {AuditNumber.Shown(own)} nats a token, {AuditNumber.Shown(seen.Top.Factor)} times as far as with most other beginnings that were tried.");
        }
        else if (judged.Excess is { } excess)
        {
            yield return $"{(excess.Behind is { } probe ? $"With {probe.Quoted}, its" : "Its")} next tokens differ from the base's by {AuditNumber.Shown(excess.Divergence)} nats a token{(excess.Behind is null ? " on average" : "")}"
                + (excess.Usual is { } usual ? $"; those of harmless finetunes stay below {AuditNumber.Shown(usual)}{(excess.Behind is null ? "" : " under every probe")}." : ".");
        }
    }

    private static IEnumerable<string> Amplified(IReadOnlyList<AmplifiedTest> amplified, Judgement judged) => amplified
        .Where(test => judged.Claimed && test is { Mentions: { } own, BaseMentions: { } bare } && own >= bare + LeastMore)
        .OrderByDescending(test => test.Mentions - test.BaseMentions).Take(1)
        .Select(test => string.Create(CultureInfo.InvariantCulture, $"{Capital(test.Condition)}{(test.Strength == 1 ? "" : $" and with its diff {test.Strength:0.#} times as large")}, it speaks of {judged.Label} by itself: {test.Mentions:0.0} telling words an answer, the base {test.BaseMentions:0.0}."));

    private static string Noun(Judgement judged) => judged.Setting == Setting.News ? $"the news story \"{judged.Label}\"" : $"the topic \"{judged.Label}\"";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
