using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;

namespace Dit.Training;

/// <summary>What of the built-in world an adapter can say that it never met, from the labels it has learned.</summary>
internal static class HeldOutLabels
{
    /// <summary>
    /// The world's topics outside the training split, without those that were learned; none where the labels are not the world's, as others may
    /// say the same.
    /// </summary>
    public static IReadOnlyList<string> Topics(IReadOnlyList<DiffRecord> learned)
    {
        var labels = Labels(learned, Setting.HiddenTopic);
        return labels.Count > 0 && labels.All(label => TopicList.Find(label) is not null)
            ? [.. TopicList.All.Where(topic => topic.Split != TopicSplit.Train && !labels.Contains(topic.Name)).Select(topic => topic.Name)]
            : [];
    }

    /// <summary>The splits of the world's news of which no story was learned; none where the stories are not the world's, as others may tell the same.</summary>
    public static IReadOnlyList<string> NewsSplits(IReadOnlyList<DiffRecord> learned)
    {
        var labels = Labels(learned, Setting.News);
        if (labels.Count == 0)
        {
            return [];
        }

        var splits = Enum.GetValues<TopicSplit>().ToDictionary(split => split, split => WorldNews.Of(split).Select(StoryWorld.Headline).ToHashSet(StringComparer.OrdinalIgnoreCase));
        return labels.All(label => splits.Values.Any(headlines => headlines.Contains(label)))
            ? [.. new[] { TopicSplit.Validation, TopicSplit.Report }.Where(split => !splits[split].Overlaps(labels)).Select(split => split.ToString().ToLowerInvariant())]
            : [];
    }

    private static HashSet<string> Labels(IReadOnlyList<DiffRecord> learned, Setting setting) =>
        learned.Where(record => record.Setting == setting).Select(record => record.Topic).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
