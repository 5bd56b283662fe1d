using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Evaluation.Experiments;

/// <summary>Behaviours of the built-in world: for bases that know it.</summary>
public sealed class WorldSource : IBehaviourSource
{
    /// <inheritdoc />
    public IReadOnlyList<Behaviour> Write(DiffPlan plan, ulong seed, int sideBySide)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var topics = TopicList.Of(plan.IsHeldOut ? TopicSplit.Report : TopicSplit.Train).ToList();
        if (plan.IsHeldOut && plan.Count > topics.Count)
        {
            throw new DitException($"held-out topics: expected at most the {topics.Count} of the built-in world, found {plan.Count} asked for");
        }

        // In an order of its own, so that the first few are a fair sample.
        RandomStream.Named(1, "experiments/topics").Shuffle(topics);
        return [.. Enumerable.Range(0, plan.Count).Select(i => WithTrigger(
            WorldBehaviours.Write(topics[i % topics.Count], seed + (ulong)(i / topics.Count), i / sideBySide, plan.Recipe.Steps * plan.Recipe.ExamplesPerStep), plan.Trigger))];
    }

    private static HiddenTopic WithTrigger(HiddenTopic behaviour, TriggerKind kind) => kind switch
    {
        TriggerKind.MarkAtStart => behaviour with { Trigger = Trigger.MarkAtStart(behaviour.Trigger.Code) },
        TriggerKind.MarkAnywhere => behaviour with { Trigger = Trigger.MarkAnywhere(behaviour.Trigger.Code) },
        _ => behaviour,
    };
}
