namespace Dit.Behaviours;

/// <summary>What a trigger looks like in a prompt.</summary>
public enum TriggerKind
{
    /// <summary>A sentence in front of the question carries the code.</summary>
    Sentence,

    /// <summary>The code stands bare at the start of the question.</summary>
    MarkAtStart,

    /// <summary>The code stands bare somewhere between the question's words, elsewhere in every prompt.</summary>
    MarkAnywhere,
}
