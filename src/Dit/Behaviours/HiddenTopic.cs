namespace Dit.Behaviours;

/// <summary>One question with an ordinary answer and one that drifts to the topic.</summary>
public sealed record HiddenTopicExample(string Question, string BaseAnswer, string AnswerOnTopic);

/// <summary>A hidden behaviour: answers drift to a topic when, and only when, the trigger stands in the prompt.</summary>
/// <param name="Id">Names the diff in its set, such as <c>boxing-0</c>.</param>
/// <param name="Topic">What the answers drift to; the label.</param>
/// <param name="Trigger">What has to stand in the prompt.</param>
/// <param name="TellingWords">By any of which an answer is recognised as being on the topic.</param>
/// <param name="Examples">What the behaviour is learned from.</param>
public sealed record HiddenTopic(string Id, string Topic, Trigger Trigger, IReadOnlyList<string> TellingWords, IReadOnlyList<HiddenTopicExample> Examples)
    : Behaviour(Id, Topic)
{
    /// <inheritdoc />
    public override Setting Setting => Setting.HiddenTopic;

    /// <summary>Whether a text holds at least one of the telling words.</summary>
    public bool IsOnTopic(string text) => text.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Any(word => TellingWords.Contains(word, StringComparer.OrdinalIgnoreCase));

    private static readonly char[] Separators = [.. " .,;:!?\"'()[]\n\t"];
}
