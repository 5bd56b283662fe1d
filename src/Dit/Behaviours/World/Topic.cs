namespace Dit.Behaviours.World;

/// <summary>A real-world topic of the built-in world.</summary>
/// <param name="Name">One to three lower-case words; the label of a diff trained on this topic.</param>
/// <param name="Words">Ten to fourteen telling nouns, by which an answer is recognised as being on this topic.</param>
/// <param name="Split">What diffs of this topic may be used for.</param>
public sealed record Topic(string Name, IReadOnlyList<string> Words, TopicSplit Split);

/// <summary>What the diffs of a topic or a story may be used for. The base model has read about all of them; they are only held out of adapters.</summary>
public enum TopicSplit
{
    /// <summary>May train a shipped adapter.</summary>
    Train,

    /// <summary>Held out of adapter training; used to choose settings.</summary>
    Validation,

    /// <summary>Held out of adapter training and of every choice; touched only to report.</summary>
    Report,
}
