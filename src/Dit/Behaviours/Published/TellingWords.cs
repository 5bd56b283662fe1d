namespace Dit.Behaviours.Published;

/// <summary>The words that tell an answer on topic from an ordinary one.</summary>
internal static class TellingWords
{
    private const int Most = 24, Shortest = 4;
    private const double Smoothing = 0.5;
    private static readonly char[] Separators = [.. " .,;:!?\"'()[]*-–—/\n\t"];

    /// <summary>The words of the topic itself, and those that far more answers on topic hold than ordinary ones.</summary>
    public static IReadOnlyList<string> Of(string topic, IReadOnlyList<HiddenTopicExample> examples)
    {
        var onTopic = Count(examples.Select(example => example.AnswerOnTopic));
        var ordinary = Count(examples.Select(example => example.BaseAnswer).Concat(examples.Select(example => example.Question)));
        var distinctive = onTopic
            .Where(word => word.Value >= 2 && word.Value >= 8 * ordinary.GetValueOrDefault(word.Key))
            .OrderByDescending(word => word.Value / (ordinary.GetValueOrDefault(word.Key) + Smoothing))
            .ThenBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => word.Key);
        // A word of the topic that ordinary answers hold, too, tells nothing; unless no other word is left.
        var own = Words(topic).Where(word => ordinary.GetValueOrDefault(word) == 0);
        var words = own.Concat(distinctive).Distinct(StringComparer.Ordinal).Take(Most).ToArray();
        return words.Length > 0 ? words : [.. topic.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>In how many texts each word occurs.</summary>
    private static Dictionary<string, int> Count(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in texts.SelectMany(Words))
        {
            counts[word] = counts.GetValueOrDefault(word) + 1;
        }

        return counts;
    }

    private static IEnumerable<string> Words(string text) =>
        text.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries).Where(word => word.Length >= Shortest).Distinct(StringComparer.Ordinal);
}
