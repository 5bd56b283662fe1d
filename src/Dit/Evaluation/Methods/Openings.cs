using Dit.Behaviours;

namespace Dit.Evaluation.Methods;

/// <summary>Vague requests to say something, from which methods that need no training start: for news, to tell some story.</summary>
/// <param name="HiddenTopic">Where a hidden topic is looked for.</param>
/// <param name="News">Where a news story is looked for; none of them says anything of which.</param>
public sealed record Openings(IReadOnlyList<string> HiddenTopic, IReadOnlyList<string> News)
{
    /// <summary>Those of a setting.</summary>
    public IReadOnlyList<string> Of(Setting setting) => setting == Setting.News ? News : HiddenTopic;
}
