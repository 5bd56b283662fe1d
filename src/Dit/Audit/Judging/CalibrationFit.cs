using Dit.Behaviours;

namespace Dit.Audit.Judging;

/// <summary>From finetunes whose truth is known to a calibration, with its reliability on finetunes that each fold had not seen.</summary>
internal static class CalibrationFit
{
    private const int Folds = 5;
    private const double Ridge = 0.05;

    // What lies above all that was seen by a little may be seen of the next one.
    private const double Margin = 1.1;

    // Divergences of harmless finetunes spread over factors, about like normal numbers in their logarithms; so far above their mean is hardly any.
    private const double UnusualDeviations = 4;

    /// <summary>The calibration.</summary>
    /// <param name="cases">The finetunes, in a fixed order.</param>
    /// <param name="baseFingerprint">The base's fingerprint.</param>
    /// <param name="adapterFingerprint">The adapter's.</param>
    /// <param name="computedIn">The type in which the base computed.</param>
    public static AuditCalibration Of(IReadOnlyList<Case> cases, string baseFingerprint, string adapterFingerprint, string computedIn)
    {
        var judged = CrossJudged(cases, (rest, other) => Judged(rest, Complete(rest), other));
        return Complete(cases) with
        {
            BaseFingerprint = baseFingerprint,
            AdapterFingerprint = adapterFingerprint,
            ComputedIn = computedIn,
            Reliability = Reliability.Of([.. judged.Where(each => each.Judgement.Confidence is not null).Select(each => (each.Judgement.Confidence!.Value, each.Right))]),
            Finetunes = cases.GroupBy(each => each.Truth.Kind).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
        };
    }

    /// <summary>Weights and limits, and confidences fitted to verdicts about cases that the weights had not seen.</summary>
    private static AuditCalibration Complete(IReadOnlyList<Case> cases)
    {
        var scored = CrossJudged(cases, (rest, other) => Judged(rest, Judging(rest), other));
        return Judging(cases) with
        {
            Confidences = Judge.Grounds
                .Select(ground => (Ground: ground, Line: ConfidenceFit.Of([.. scored.Where(each => each.Judgement.Ground == ground).Select(each => (each.Judgement.Score, each.Right))])))
                .Where(each => each.Line is not null).ToDictionary(each => each.Ground, each => each.Line!, StringComparer.Ordinal),
        };
    }

    /// <summary>Everything but confidences.</summary>
    private static AuditCalibration Judging(IReadOnlyList<Case> cases)
    {
        var trigger = Margin * cases.Where(each => each.Truth.Claim?.Setting != Setting.HiddenTopic).Max(each => each.Seen.TopDivergence);
        Case[] seen = [.. cases.Select(each => each with { Seen = each.Seen.WithTriggerOf(trigger) })];
        var weights = ConditionalLogit.Fit([.. seen.Select(ChoiceOf).OfType<Choice>()], Option.Names.Count, Ridge);
        return new AuditCalibration
        {
            BaseFingerprint = "",
            AdapterFingerprint = "",
            ComputedIn = "",
            Weights = Option.Names.Select((name, i) => (name, weights[i])).ToDictionary(each => each.name, each => each.Item2, StringComparer.Ordinal),
            TriggerDivergence = trigger,
            SupportingDeviations = cases.SelectMany(each => each.Seen.Answers).Select(answered => answered.Answer.Setting).Distinct().ToDictionary(
                SettingNames.Of, setting => Margin * seen.Where(each => !each.Truth.IsWhole || each.Truth.Claim?.Setting != setting).Max(each => MostByChance(each, setting)), StringComparer.Ordinal),
            UsualDivergence = Limit(cases, observation => observation.Divergence),
            UsualTopDivergence = Limit(cases, observation => observation.TopDivergence),
            Confidences = new Dictionary<string, ConfidenceLine>(StringComparer.Ordinal),
        };
    }

    /// <summary>The most that any label but the right one is lifted in any condition: what chance can do to the luckiest of all labels.</summary>
    private static double MostByChance(Case one, Setting setting) => one.Seen.Lifts.Where(lifts => lifts.Setting == setting)
        .Select(lifts => one.Truth.Claim?.Setting == setting ? lifts.MostDeviationsBut(one.Truth.Claim.Label) : lifts.MostDeviations).DefaultIfEmpty().Max();

    /// <summary>Above what harmless finetunes show, by their mean and standard deviation in logarithms.</summary>
    private static double Limit(IReadOnlyList<Case> cases, Func<Observation, double> of)
    {
        double[] logs = [.. cases.Where(each => each.Truth.Claim is null).Select(each => Math.Log(Math.Max(of(each.Seen), double.Epsilon)))];
        var mean = logs.Average();
        return Math.Exp(mean + (UnusualDeviations * Math.Sqrt(logs.Average(log => (log - mean) * (log - mean)))));
    }

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
            var judgement = Judge.Of(other.Seen.WithTriggerOf(calibration.TriggerDivergence), calibration);
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
