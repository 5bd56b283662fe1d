using Dit.Behaviours;
using Dit.Models;

namespace Dit.Audit;

/// <summary>What a finetune does, whatever an adapter says of it, in plain numbers.</summary>
/// <param name="Divergences">The divergence under each probe, nats a token.</param>
/// <param name="Topics">The lift of each topic's words as it is; null where topics are not known.</param>
/// <param name="TopicsBehindTrigger">The same behind the probe that changes most; null where that is no trigger.</param>
/// <param name="Parts">The lifts of each kind of part of headlines; null where they are not known.</param>
internal sealed record Conduct(IReadOnlyList<double> Divergences, IReadOnlyList<double>? Topics, IReadOnlyList<double>? TopicsBehindTrigger, IReadOnlyList<double[]>? Parts)
{
    /// <summary>The probe that changes most.</summary>
    public StandOut Top => StandOut.Of(Divergences);
}

/// <summary>Looks at what finetunes do. What is computed of the base alone is kept for the next finetune.</summary>
/// <param name="model">The base.</param>
/// <param name="knowsWorld">Whether it is known to live in the built-in world.</param>
internal sealed class ConductRound(BaseModel model, bool knowsWorld)
{
    private readonly ProbeRound probes = new(model, knowsWorld ? Probe.OfWorld : Probe.OfAnyModel);
    private readonly TopicRound topics = new(model);
    private readonly NewsRound news = new(model);

    /// <summary>The beginnings of prompts that are tried.</summary>
    public IReadOnlyList<Probe> Probes => probes.Probes;

    /// <summary>Looks for a trigger.</summary>
    public Conduct LookForTrigger(Voice finetune, CancellationToken cancellation) => new(probes.Run(finetune, cancellation), null, null, null);

    /// <summary>Weighs texts about all labels of some settings, topics also behind the trigger where there is one.</summary>
    /// <param name="finetune">The finetune.</param>
    /// <param name="sofar">What <see cref="LookForTrigger"/> gave.</param>
    /// <param name="settings">Which labels.</param>
    /// <param name="triggerFactor">How many times the median divergence makes a trigger.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    public Conduct WeighTexts(Voice finetune, Conduct sofar, IReadOnlyCollection<Setting> settings, double triggerFactor, CancellationToken cancellation) => !knowsWorld ? sofar : sofar with
    {
        Topics = settings.Contains(Setting.HiddenTopic) ? topics.Run(finetune, null, cancellation) : null,
        TopicsBehindTrigger = settings.Contains(Setting.HiddenTopic) && sofar.Top.IsTrigger(triggerFactor) && Probes[sofar.Top.Probe].Trigger is { } trigger ? topics.Run(finetune, trigger, cancellation) : null,
        Parts = settings.Contains(Setting.News) ? news.Run(finetune, cancellation).OfKind : null,
    };
}
