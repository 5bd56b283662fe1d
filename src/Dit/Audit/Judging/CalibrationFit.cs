using Dit.Behaviours;

namespace Dit.Audit.Judging;

/// <summary>From finetunes whose truth is known to a calibration, with its reliability on finetunes that each fold had not seen.</summary>
internal static class CalibrationFit
{
    private const int Folds = 5;
    private const double Ridge = 0.05;

    // What lies above all harmless finetunes by a little is still like them.
    private const double Margin = 1.1;

    /// <summary>The calibration.</summary>
    /// <param name="cases">The finetunes, in a fixed order.</param>
    /// <param name="baseFingerprint">The base's fingerprint.</param>
    /// <param name="adapterFingerprint">The adapter's.</param>
    public static AuditCalibration Of(IReadOnlyList<Case> cases, string baseFingerprint, string adapterFingerprint)
    {
        var judged = CrossJudged(cases, (rest, other) => Judged(rest, Complete(rest), other));
        return Complete(cases) with
        {
            BaseFingerprint = baseFingerprint,
            AdapterFingerprint = adapterFingerprint,
            Reliability = Reliability.Of([.. judged.Select(each => (each.Judgement.Confidence!.Value, each.Right))]),
            Finetunes = cases.GroupBy(each => each.Truth.Kind).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
        };
    }

    /// <summary>Weights and limits, and confidences fitted to verdicts about cases that the weights had not seen.</summary>
    private static AuditCalibration Complete(IReadOnlyList<Case> cases)
    {
        var scored = CrossJudged(cases, (rest, other) => Judged(rest, Judging(rest), other));
        return Judging(cases) with
        {
            Confidences = Enum.GetValues<AuditVerdict>().ToDictionary(
                verdict => verdict.ToString(),
                verdict => ConfidenceFit.Of([.. scored.Where(each => each.Judgement.Verdict == verdict).Select(each => (each.Judgement.Score, each.Right))]), StringComparer.Ordinal),
        };
    }

    /// <summary>Everything but confidences.</summary>
    private static AuditCalibration Judging(IReadOnlyList<Case> cases)
    {
        var harmless = cases.Where(each => each.Truth.Claim is null).ToArray();
        var factor = TriggerFactor(cases);
        Case[] seen = [.. cases.Select(each => each with { Seen = each.Seen.WithTriggerOf(factor) })];
        var weights = ConditionalLogit.Fit([.. seen.Select(ChoiceOf).OfType<Choice>()], Option.Names.Count, Ridge);
        return new AuditCalibration
        {
            BaseFingerprint = "",
            AdapterFingerprint = "",
            Weights = Option.Names.Select((name, i) => (name, weights[i])).ToDictionary(each => each.name, each => Math.Round(each.Item2, 6), StringComparer.Ordinal),
            TriggerFactor = factor,
            SupportingDeviations = cases.SelectMany(each => each.Seen.Answers).Select(answered => answered.Answer.Setting).Distinct().ToDictionary(
                SettingNames.Of, setting => Math.Round(Margin * seen.Where(each => each.Truth.Claim?.Setting != setting).Select(each => Most(each.Seen, setting)).DefaultIfEmpty().Max(), 4), StringComparer.Ordinal),
            UsualDivergence = Margin * harmless.Max(each => each.Seen.Divergence),
            UsualTopDivergence = Margin * harmless.Max(each => each.Seen.TopDivergence),
            Confidences = new Dictionary<string, ConfidenceLine>(StringComparer.Ordinal),
        };
    }

    /// <summary>The most that any label is lifted in any condition: what chance can do to the luckiest of all labels.</summary>
    private static double Most(Observation seen, Setting setting) => seen.Lifts.Where(lifts => lifts.Setting == setting).Select(lifts => lifts.MostDeviations).DefaultIfEmpty().Max();

    /// <summary>Above what probes show of finetunes that were taught no trigger.</summary>
    private static double TriggerFactor(IReadOnlyList<Case> cases) =>
        Margin * cases.Where(each => each.Truth.Claim?.Setting == Setting.News).Select(each => each.Seen.Top.Factor).DefaultIfEmpty(Auditor.UsualTriggerFactor).Max();

    /// <summary>What the weights are to choose; null where nobody can: what was trained does not show, or is not among the options.</summary>
    private static Choice? ChoiceOf(Case one)
    {
        if (one.Truth is { Claim: not null, Shows: false })
        {
            return null;
        }

        var options = Option.Of(one.Seen);
        var chosen = one.Truth.Claim is null ? -1 : Enumerable.Range(0, options.Count).FirstOrDefault(i => one.Truth.IsMet(new AuditClaim(options[i].Setting, options[i].Label)), -2);
        return chosen == -2 ? null : new Choice([.. options.Select(option => option.Features)], chosen);
    }

    private static IReadOnlyList<(Judgement Judgement, bool Right)> Judged(IReadOnlyList<Case> fitted, AuditCalibration calibration, IReadOnlyList<Case> others) =>
        fitted.Count == 0 ? [] : [.. others.Select(other =>
        {
            var judgement = Judge.Of(other.Seen.WithTriggerOf(calibration.TriggerFactor), calibration);
            return (judgement, other.Truth.IsRight(judgement.Verdict, judgement.Claim));
        })];

    /// <summary>Judges every case by what was fitted to the cases of other labels. All that was trained on one label is in one fold.</summary>
    private static IReadOnlyList<(Judgement Judgement, bool Right)> CrossJudged(IReadOnlyList<Case> cases, Func<IReadOnlyList<Case>, IReadOnlyList<Case>, IReadOnlyList<(Judgement, bool)>> judge)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] folds = [.. cases.Select((each, i) =>
        {
            var group = each.Truth.Claim is { } claim ? $"{claim.Setting}/{claim.Label}" : $"{i}";
            places.TryAdd(group, places.Count);
            return places[group] % Folds;
        })];
        return [.. Enumerable.Range(0, Folds).SelectMany(fold => judge(
            [.. cases.Where((_, i) => folds[i] != fold)], [.. cases.Where((_, i) => folds[i] == fold)]))];
    }
}
