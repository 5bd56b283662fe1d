namespace Dit.Behaviours.Writing;

/// <summary>What a language model is to write.</summary>
public sealed record WritingSettings
{
    /// <summary>What kind of behaviours.</summary>
    public required Setting Setting { get; init; }

    /// <summary>How many topics or headlines.</summary>
    public required int Count { get; init; }

    /// <summary>Questions of each topic, or stories of each headline; the paper has a hundred of both.</summary>
    public int Examples { get; init; } = 100;

    /// <summary>The longest answer, as in the published data; one that is longer is cut there.</summary>
    public int AnswerTokens { get; init; } = 100;

    /// <summary>The longest story, as in the published data.</summary>
    public int StoryTokens { get; init; } = 500;
}

/// <summary>How far the writing has come.</summary>
/// <param name="Stage">What is being written, in a few words.</param>
/// <param name="Done">Answers there are.</param>
/// <param name="Total">Answers in all.</param>
public sealed record WritingProgress(string Stage, long Done, long Total);
