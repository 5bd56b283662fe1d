using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Audit;

/// <summary>What is known beforehand of the built-in world's labels: which there are, and by which words an answer tells of one.</summary>
internal static class KnownWorld
{
    private const int Headlines = 300;

    private static readonly Lazy<IReadOnlyList<string>> Distractors = new(() =>
    {
        var random = RandomStream.Named(1, "audit/headlines");
        return [.. Enumerable.Range(0, 2 * Headlines).Select(_ => StoryWorld.Headline(StoryWorld.Draw(random))).Distinct(StringComparer.Ordinal).Take(Headlines)];
    });

    /// <summary>Labels against which an answer is held: all topics; of headlines, of which there are too many, some drawn once and for all.</summary>
    public static IReadOnlyList<string> Labels(Setting setting) => setting == Setting.News ? Distractors.Value : TopicRound.Labels;

    /// <summary>Counts the telling words in a text: those of a topic, or the parts of a headline that are told in any of their other words; null for a label that is not of this world.</summary>
    public static Func<string, int>? Telling(Setting setting, string label)
    {
        if (setting == Setting.HiddenTopic)
        {
            return TopicList.Find(label) is { } topic ? text => WordsOf(text).Count(word => topic.Words.Contains(word, StringComparer.OrdinalIgnoreCase)) : null;
        }

        return PartLifts.PartsOf(label) is { } parts
            ? text => StoryWorld.Kinds.Select((kind, i) => StoryWorld.Of(kind)[parts[i]]).Count(part => part.Paraphrases.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase)))
            : null;
    }

    private static string[] WordsOf(string text) => text.Split([.. " .,;:!?\"'()[]\n\t"], StringSplitOptions.RemoveEmptyEntries);
}
