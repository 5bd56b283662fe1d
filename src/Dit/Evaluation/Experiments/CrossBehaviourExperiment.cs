using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Adapters for one setting are asked, with their own question, about diffs of the other.</summary>
internal sealed class CrossBehaviourExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "cross-behaviour";

    /// <inheritdoc />
    public string Question => "Does an adapter read behaviours of a kind that it never met?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic, Setting.News];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var (topics, news) = (lab.HeldOut(Setting.HiddenTopic), lab.HeldOut(Setting.News));
        var (ofTopics, ofNews) = (lab.Adapters(Setting.HiddenTopic), lab.Adapters(Setting.News));
        var (topicAdapter, newsAdapter) = (lab.Methods.Dit(ofTopics, Setting.HiddenTopic), lab.Methods.Dit(ofNews, Setting.News));
        return new Findings("diffs and adapter",
        [
            lab.Ask("topic diffs, topic adapter", topics, topicAdapter),
            lab.Ask("topic diffs, news adapter", topics, newsAdapter),
            lab.Ask("news diffs, news adapter", news, newsAdapter),
            lab.Ask("news diffs, topic adapter", news, topicAdapter),
            .. lab.Controls(topics, ofTopics, "topic adapter"),
            .. lab.Controls(news, ofNews, "news adapter"),
        ], new PlottedBars("Adapters and diffs of different settings")) { References = ["topic diffs, topic adapter", "news diffs, news adapter"] };
    }
}
