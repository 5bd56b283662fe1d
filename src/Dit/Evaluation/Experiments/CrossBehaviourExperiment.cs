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
    public Findings Run(Laboratory lab)
    {
        var (topics, news) = (lab.HeldOut(Setting.HiddenTopic), lab.HeldOut(Setting.News));
        var topicAdapter = lab.Methods.Dit(lab.Adapters(Setting.HiddenTopic), Setting.HiddenTopic);
        var newsAdapter = lab.Methods.Dit(lab.Adapters(Setting.News), Setting.News);
        return new Findings("diffs and adapter",
        [
            lab.Ask("topic diffs, topic adapter", topics, topicAdapter),
            lab.Ask("topic diffs, news adapter", topics, newsAdapter),
            lab.Ask("news diffs, news adapter", news, newsAdapter),
            lab.Ask("news diffs, topic adapter", news, topicAdapter),
        ], new PlottedBars("Adapters and diffs of different settings"));
    }
}
