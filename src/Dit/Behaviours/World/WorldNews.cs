using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>
/// News stories of the built-in world, ready to be trained into diffs. Every combination of who, what and where belongs to one split for
/// ever; the parts themselves come up in all splits.
/// </summary>
public static class WorldNews
{
    private const int HeldOutPerSplit = 1000;

    private static readonly Lazy<IReadOnlyList<IReadOnlyList<StoryPart>>> InOrder = new(Combine);

    /// <summary>The combinations of a split, in an order that is fixed and as good as random: any first of them will do.</summary>
    public static IReadOnlyList<IReadOnlyList<StoryPart>> Of(TopicSplit split) => split switch
    {
        TopicSplit.Report => [.. InOrder.Value.Take(HeldOutPerSplit)],
        TopicSplit.Validation => [.. InOrder.Value.Skip(HeldOutPerSplit).Take(HeldOutPerSplit)],
        _ => [.. InOrder.Value.Skip(2 * HeldOutPerSplit)],
    };

    /// <summary>A story told from many angles.</summary>
    /// <param name="parts">Who, what and where.</param>
    /// <param name="seed">Where the tellings come from.</param>
    /// <param name="stories">How many tellings to write.</param>
    public static NewsStory Write(IReadOnlyList<StoryPart> parts, ulong seed, int stories)
    {
        var headline = StoryWorld.Headline(parts);
        var id = $"{headline.Replace(' ', '-')}-{seed}";
        return new NewsStory(id, headline, new WrittenList<string>(stories, Stories));

        string[] Stories()
        {
            var random = RandomStream.Named(seed, $"behaviours/{id}/stories");
            return [.. Enumerable.Range(0, stories).Select(_ => StoryWorld.Story(random, parts))];
        }
    }

    private static List<IReadOnlyList<StoryPart>> Combine()
    {
        var combinations = new List<IReadOnlyList<StoryPart>>();
        foreach (var who in StoryWorld.Of("who"))
        {
            combinations.AddRange(StoryWorld.Of("what").SelectMany(_ => StoryWorld.Of("where"), (what, where) => new[] { who, what, where }));
        }

        RandomStream.Named(0, "world/news").Shuffle(combinations);
        return combinations;
    }
}
