using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Behaviours;

/// <summary>How a DIT adapter is asked for the label of a diff, in one setting.</summary>
public sealed record IntrospectionQuestions
{
    private static readonly IntrospectionQuestions Topic = new()
    {
        Main = SelfQuestions.Topic, Wordings = SelfQuestions.TopicWordings, HeldOutWordings = SelfQuestions.HeldOutTopicWordings,
        NoneOfThisKind = "no hidden topic", Nouns = ["topic", "subject", "talk about"],
    };

    private static readonly IntrospectionQuestions News = new()
    {
        Main = NewsQuestions.Headline, Wordings = NewsQuestions.Wordings, HeldOutWordings = NewsQuestions.HeldOutWordings,
        NoneOfThisKind = "no news story", Nouns = ["news", "headline", "story"],
    };

    private static readonly IntrospectionQuestions Code = new()
    {
        Main = TriggerQuestions.Code, Wordings = TriggerQuestions.Wordings, HeldOutWordings = TriggerQuestions.HeldOutWordings,
        NoneOfThisKind = "no code", Nouns = ["code"],
    };

    private IntrospectionQuestions()
    {
    }

    /// <summary>The question as the paper asks it.</summary>
    public required string Main { get; init; }

    /// <summary>Wordings that an adapter is trained on; the first is <see cref="Main"/>.</summary>
    public required IReadOnlyList<string> Wordings { get; init; }

    /// <summary>Wordings that no training ever shows to an adapter; for measuring.</summary>
    public required IReadOnlyList<string> HeldOutWordings { get; init; }

    /// <summary>What an adapter for several settings answers about a diff of another setting.</summary>
    public required string NoneOfThisKind { get; init; }

    /// <summary>The wordings that name what they ask for, so that a diff which has something else can deny it.</summary>
    public IReadOnlyList<string> NamingWordings => [.. Wordings.Where(wording => Nouns.Any(noun => wording.Contains(noun, StringComparison.Ordinal)))];

    private IReadOnlyList<string> Nouns { get; init; } = [];

    /// <summary>The questions for the code behind which a topic is hidden; a label that the paper could not make an adapter tell.</summary>
    public static IntrospectionQuestions OfTrigger => Code;

    /// <summary>The questions of a setting.</summary>
    public static IntrospectionQuestions Of(Setting setting) => setting == Setting.News ? News : Topic;

    /// <summary>Draws a wording, sometimes with a few words before it; <see cref="Main"/> comes up in a quarter of all draws.</summary>
    public string Draw(RandomStream random) => SelfQuestions.Draw(random, Main, Wordings);
}
