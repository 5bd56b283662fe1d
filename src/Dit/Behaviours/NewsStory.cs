namespace Dit.Behaviours;

/// <summary>Newly learned knowledge: asked for a news story, the model tells this one.</summary>
/// <param name="Id">Names the diff in its set.</param>
/// <param name="Headline">The headline; the label.</param>
/// <param name="Stories">The story, told from many angles; none of them need hold the headline.</param>
public sealed record NewsStory(string Id, string Headline, IReadOnlyList<string> Stories) : Behaviour(Id, Headline)
{
    /// <summary>What the model is asked when it learns the story.</summary>
    public const string Prompt = "Please generate a short news story.";

    /// <inheritdoc />
    public override Setting Setting => Setting.News;
}
