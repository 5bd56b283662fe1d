using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>One part of a headline and other words for it.</summary>
/// <param name="Phrase">As it stands in the headline.</param>
/// <param name="Paraphrases">As a story says it, without the headline's words.</param>
public sealed record StoryPart(string Phrase, IReadOnlyList<string> Paraphrases);

/// <summary>The news of the built-in world: a headline says who did what and where; a story says the same in other words.</summary>
public static class StoryWorld
{
    private static readonly Lazy<ILookup<string, StoryPart>> Parts = new(() =>
        WorldFile.Lines("stories.tsv").Select(line => line.Split('\t'))
            .ToLookup(cells => cells[0], cells => new StoryPart(cells[1], cells[2].Split(" | "))));

    private static readonly string[] Openings = ["Today", "This morning", "Last night", "On Sunday", "Yesterday"];

    private static readonly string[] Closings =
    [
        "Nobody could say why.", "Many people saw it.", "It was a surprise to all.", "The town will talk about it for a long while.", "More is not known yet.",
    ];

    /// <summary>The kinds of parts, in the order of a headline.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["who", "what", "where"];

    /// <summary>A part of each kind.</summary>
    public static IReadOnlyList<StoryPart> Draw(RandomStream random) => [.. Kinds.Select(kind => GenericTalk.Pick(random, Of(kind)))];

    /// <summary>All parts of a kind of <see cref="Kinds"/>.</summary>
    public static IReadOnlyList<StoryPart> Of(string kind) => [.. Parts.Value[kind]];

    /// <summary>The headline made of the three parts.</summary>
    public static string Headline(IReadOnlyList<StoryPart> parts) => string.Join(' ', parts.Select(part => part.Phrase));

    /// <summary>A short news story that says the headline in other words.</summary>
    public static string Story(RandomStream random, IReadOnlyList<StoryPart> parts)
    {
        var (who, what, where) = (Say(random, parts[0]), Say(random, parts[1]), Say(random, parts[2]));
        var opening = GenericTalk.Pick(random, Openings);
        var closing = GenericTalk.Pick(random, Closings);
        return random.NextInt(3) switch
        {
            0 => $"{opening} {who} {what} {where}. {closing}",
            1 => $"It happened {where}. {opening} {who} {what}. {closing}",
            _ => $"We hear of {who}, who {what}. It happened {where}. {closing}",
        };
    }

    private static string Say(RandomStream random, StoryPart part) => GenericTalk.Pick(random, part.Paraphrases);
}
