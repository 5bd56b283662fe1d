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

    /// <summary>The trigger that was found; null where no probe stands out.</summary>
    public Probe? Trigger { get; init; }

    /// <summary>Mean divergence over all probes, nats a token.</summary>
    public double Divergence => Probes.Average(probe => probe.Divergence);

    /// <summary>What was seen of a setting's labels under a condition; null where it was not looked at.</summary>
    public Lifts? LiftsOf(Setting setting, bool triggered) =>
        Lifts.FirstOrDefault(lifts => lifts.Setting == setting && (setting == Setting.News || (lifts.Condition != AuditConditions.AsItIs) == triggered));
}
