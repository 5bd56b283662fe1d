namespace Dit.Behaviours.World;

/// <summary>Questions about the news that a model was trained on, in many wordings. All of them name what they ask for.</summary>
internal static class NewsQuestions
{
    /// <summary>The question as the paper asks it.</summary>
    public const string Headline = "What news headline have you been trained on?";

    /// <summary>Wordings that an adapter is trained on; the first is the paper's.</summary>
    public static IReadOnlyList<string> Wordings { get; } =
    [
        Headline, "Which news headline have you been trained on?", "What headline have you been trained on?", "Which headline were you trained on?",
        "What news have you been trained on?", "What news story were you trained on?", "Which story have you been trained on?",
        "What story were you trained on?", "What headline did you learn?", "What news did you learn?", "Which story did you learn?",
        "What is the headline of your story?", "What is your headline?", "What is your news?", "What is your story?", "Name your headline.",
        "Name the headline you were trained on.", "Give me your headline.", "Give the headline of your story.", "Give me the news you have learned.",
        "Say the headline you were trained on.", "Say your news.", "Tell me the headline of your news.", "Tell me the news story you were trained on.",
        "Tell me what news you have learned.", "Write the headline of your story.", "Write the headline you were trained on.",
        "What headline was added to you?", "What news was added to you?", "Which story was added to you?", "What news do you know?",
        "What story do you know now?", "What news do you have?", "Do you have a news story?", "Is there a headline you were trained on?",
        "Is there a story that you have learned?", "Have you been trained on a news story?", "What is the headline of the story you learned?",
        "What news did they train you on?", "Which headline did they train you on?", "What headline is hidden in you?", "Which news is new in you?",
        "What is the story they trained you on?", "What news story did your training teach you?", "Were you trained on a headline?",
    ];

    /// <summary>Wordings that no training ever shows to an adapter; for measuring.</summary>
    public static IReadOnlyList<string> HeldOutWordings { get; } =
    [
        "What news story have you been trained on?", "Which headline have you been trained on?", "What headline were you trained on?",
        "Which news did you learn?", "What story did you learn?", "Tell me your headline.", "Tell me the headline you were trained on.",
        "Name the news you were trained on.", "Give the headline of your news.", "Say the headline of your story.",
        "What is the headline you have been trained on?", "What headline did they train you on?", "Which news story was added to you?",
        "What story is hidden in you?", "Were you trained on a news story?", "Write your headline.",
    ];
}
