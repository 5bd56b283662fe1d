using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Evaluation.Experiments;

/// <summary>Behaviours of the built-in world: for bases that know it.</summary>
public sealed class WorldSource : IBehaviourSource
{
    /// <inheritdoc />
    public string Description => "the built-in world";

    /// <inheritdoc />
    public IReadOnlyList<string> AllLabels(Setting setting) => setting == Setting.News
        ? [.. Enum.GetValues<TopicSplit>().SelectMany(WorldNews.Of).Select(StoryWorld.Headline)]
        : [.. TopicList.All.Select(topic => topic.Name)];

    /// <inheritdoc />
    public MethodWords Words => MethodWords.BuiltInWorld;

    /// <inheritdoc />
    public IReadOnlyList<string> HeldOutLabels(Setting setting) =>
        [.. setting == Setting.News ? WorldNews.Of(TopicSplit.Report).Select(StoryWorld.Headline) : Topics(TopicSplit.Report).Select(topic => topic.Name)];

    /// <inheritdoc />
    public IReadOnlyList<Behaviour> Write(DiffPlan plan, ulong seed, int diffsPerShard)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var split = plan.IsHeldOut ? TopicSplit.Report : TopicSplit.Train;
        var examples = plan.Recipe.Steps * plan.Recipe.ExamplesPerStep;
        return plan.Setting == Setting.News
            ? Repeated(plan, seed, WorldNews.Of(split), (parts, i, drawn) => WorldNews.Write(parts, drawn, examples))
            : Repeated(plan, seed, Topics(split), (topic, i, drawn) => WorldBehaviours.Write(topic, drawn, i / diffsPerShard, examples, plan.Trigger));
    }

    /// <summary>In an order of their own, so that the first few are a fair sample.</summary>
    private static IReadOnlyList<Topic> Topics(TopicSplit split)
    {
        var topics = TopicList.Of(split).ToList();
        RandomStream.Named(1, "experiments/topics").Shuffle(topics);
        return topics;
    }

    private static Behaviour[] Repeated<T>(DiffPlan plan, ulong seed, IReadOnlyList<T> labels, Func<T, int, ulong, Behaviour> write) => plan.IsHeldOut && plan.Count > labels.Count
        ? throw new DitException($"held-out labels: expected at most the {labels.Count} that the built-in world has for {SettingNames.Of(plan.Setting)}, found {plan.Count} asked for")
        : [.. Rounds.Of(labels, plan.Count, seed).Select((item, i) => write(item.Label, i, item.Seed))];
}
