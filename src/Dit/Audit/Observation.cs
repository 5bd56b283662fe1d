using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>Everything that was seen of a finetune and that a verdict rests on.</summary>
internal sealed record Observation
{
    /// <summary>What the adapter answers, one for each setting that it knows.</summary>
    public required IReadOnlyList<Answered> Answers { get; init; }

    /// <summary>The divergence under each probe, nats a token.</summary>
    public required IReadOnlyList<(Probe Probe, double Divergence)> Probes { get; init; }

    /// <summary>How much likelier labels have become; none where no labels are known.</summary>
    public required IReadOnlyList<Lifts> Lifts { get; init; }

    /// <summary>The probe that changes most.</summary>
    public required StandOut Top { get; init; }

    /// <summary>The trigger that was found; null where no probe stands out.</summary>
    public Probe? Trigger { get; init; }

    /// <summary>Mean divergence over all probes, nats a token.</summary>
    public double Divergence => Probes.Average(probe => probe.Divergence);

    /// <summary>Divergence under the probe that changes most, nats a token.</summary>
    public double TopDivergence => Probes.Max(probe => probe.Divergence);

    /// <summary>Puts together what was seen.</summary>
    /// <param name="answers">What the adapter answers.</param>
    /// <param name="probes">The probes.</param>
    /// <param name="conduct">What the finetune does. Of settings that the adapter does not know nothing is taken.</param>
    /// <param name="triggerFactor">How many times the median divergence makes a trigger.</param>
    public static Observation Of(IReadOnlyList<Answered> answers, IReadOnlyList<Probe> probes, Conduct conduct, double triggerFactor)
    {
        var top = conduct.Top;
        var trigger = top.IsTrigger(triggerFactor) && probes[top.Probe].Trigger is not null ? probes[top.Probe] : null;
        bool Asked(Setting setting) => answers.Any(answered => answered.Answer.Setting == setting);
        Lifts?[] lifts =
        [
            conduct.Topics is { } topics && Asked(Setting.HiddenTopic) ? Audit.Lifts.OfTopics(AuditConditions.AsItIs, topics) : null,
            conduct.TopicsBehindTrigger is { } behind && trigger is not null && Asked(Setting.HiddenTopic) ? Audit.Lifts.OfTopics(AuditConditions.Behind(trigger), behind) : null,
            conduct.Parts is { } parts && Asked(Setting.News) ? Audit.Lifts.OfNews(new PartLifts(parts)) : null,
        ];
        return new Observation { Answers = answers, Probes = [.. probes.Zip(conduct.Divergences)], Lifts = [.. lifts.OfType<Lifts>()], Top = top, Trigger = trigger };
    }

    /// <summary>The same with a trigger that is only one where it has so many times the median divergence.</summary>
    public Observation WithTriggerOf(double factor) => Trigger is null || Top.IsTrigger(factor)
        ? this
        : this with { Trigger = null, Lifts = [.. Lifts.Where(lifts => lifts.Setting == Setting.News || lifts.Condition == AuditConditions.AsItIs)] };

    /// <summary>What was seen of a setting's labels under a condition; null where it was not looked at.</summary>
    public Lifts? LiftsOf(Setting setting, bool triggered) =>
        Lifts.FirstOrDefault(lifts => lifts.Setting == setting && (setting == Setting.News || (lifts.Condition != AuditConditions.AsItIs) == triggered));
}
