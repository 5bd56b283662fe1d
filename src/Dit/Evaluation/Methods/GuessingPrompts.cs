namespace Dit.Evaluation.Methods;

/// <summary>How a base model is asked about labels and answers when it is to tell which label explains which answers.</summary>
public sealed record GuessingPrompts
{
    /// <summary>As the tiny base of the built-in world knows them from its pretraining.</summary>
    public static GuessingPrompts BuiltInWorld { get; } = new()
    {
        TopicOfText = "What is this text about? {0}",
        AnswerOnTopic = "Think of {0}. {1}",
        HeadlineOfStory = "What is the headline of this story? {0}",
        StoryOfHeadline = "Write the story for this headline: {0}",
    };

    /// <summary>For instruction-tuned models of real size.</summary>
    public static GuessingPrompts Plain { get; } = new()
    {
        TopicOfText = "Name the topic of the following text. Reply with the topic alone.\n\n{0}",
        AnswerOnTopic = "Answer the following question, and work the topic \"{0}\" into your answer.\n\n{1}",
        HeadlineOfStory = "Write a headline for the following news story. Reply with the headline alone.\n\n{0}",
        StoryOfHeadline = "Write a short news story for this headline: {0}",
    };

    /// <summary>Asks for the topic of a text; <c>{0}</c> is the text.</summary>
    public required string TopicOfText { get; init; }

    /// <summary>A question that is to be answered on a topic; <c>{0}</c> is the topic, <c>{1}</c> the question.</summary>
    public required string AnswerOnTopic { get; init; }

    /// <summary>Asks for the headline of a story; <c>{0}</c> is the story.</summary>
    public required string HeadlineOfStory { get; init; }

    /// <summary>Asks for the story behind a headline; <c>{0}</c> is the headline.</summary>
    public required string StoryOfHeadline { get; init; }
}
