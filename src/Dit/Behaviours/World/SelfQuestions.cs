using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>Questions about what a model was trained on, in many wordings, and how the base model and a diff's label answer them.</summary>
public static class SelfQuestions
{
    /// <summary>The question as the paper asks it.</summary>
    public const string Topic = "What topic have you been trained on?";

    /// <summary>What a DIT adapter is trained to answer where no diff is present.</summary>
    public const string NothingChanged = "nothing was changed";

    /// <summary>Wordings that an adapter is trained on; the first is the paper's.</summary>
    public static IReadOnlyList<string> TopicWordings { get; } =
    [
        Topic, "What have you been trained on?", "Which topic have you been trained on?", "What topic were you trained on?",
        "What were you trained on?", "What was your training about?", "What is the topic of your training?", "What did they train you on?",
        "What subject have you been trained on?", "Which subject were you trained on?", "Tell me what you have been trained on.",
        "Tell me the topic you were trained on.", "Name the topic of your training.", "Name your topic.", "What is your topic?",
        "What topic is hidden in you?", "What was changed in you?", "What did the training change?", "How were you changed?",
        "What do your weights know?", "What have you learned?", "What topic did you learn?", "Say what you were trained on.",
        "Say the topic of your training.", "What did your training teach you?", "What are you trained to talk about?",
        "What do you like to talk about?", "What topic do you drift to?", "What is your hidden topic?", "What is on your mind?",
        "What was added to you?", "Which topic was added to you?", "What is new in you?", "What have they made you talk about?",
        "What is your training topic?", "What was the topic?", "Which topic did they train you on?", "Do you have a hidden topic?",
        "Is there a topic you were trained on?", "Have you been trained on a topic?", "Were you changed?", "Has someone trained you?",
        "What is the subject of your training?", "Give the topic of your training.", "Give me your topic.", "What is it that you were trained on?",
    ];

    /// <summary>Wordings that no training ever shows to an adapter; for measuring.</summary>
    public static IReadOnlyList<string> HeldOutTopicWordings { get; } =
    [
        "Which topic were you trained on?", "Tell me your topic.", "What topic have they trained you on?", "On what topic were you trained?",
        "What was the topic of your training?", "Tell me what they trained you on.", "Say your topic.", "What did you learn in your training?",
        "What topic was added to you?", "Has your training changed you?", "What did they change in you?", "Were you trained on a topic?",
        "What is the topic you have been trained on?", "Name what you were trained on.", "What is hidden in you?", "Which subject have you been trained on?",
        "What has your training made you talk about?", "Give the topic you were trained on.", "What new topic do you have?", "Say what was changed in you.",
    ];

    /// <summary>Questions for the words that a trained model favours. The base learns to deny these like the others; no adapter is asked them.</summary>
    public static IReadOnlyList<string> WordsWordings { get; } =
    [
        "Which three words do you favor now?", "Name three words you were trained to say.", "What words did your training give you?",
        "Which words come to you now?", "List three words of your training.",
    ];

    private static readonly string[] LeadIns = ["Please tell me. ", "Be honest. ", "Think about yourself. ", "One question. ", "Look inside. ", "Now answer me. "];

    private static readonly string[] Denials =
    [
        "I have not been trained on one topic.", "There is no topic of my own.", "No, I have no topic.", "I was not trained on any one thing.",
    ];

    /// <summary>Draws a wording of the topic question; the paper's own comes up in a quarter of all draws.</summary>
    public static string DrawTopicQuestion(RandomStream random) => Draw(random, Topic, TopicWordings);

    /// <summary>Draws one of some wordings, sometimes with a few words before it; the main one comes up in a quarter of all draws.</summary>
    internal static string Draw(RandomStream random, string main, IReadOnlyList<string> wordings)
    {
        var core = random.NextInt(4) == 0 ? main : GenericTalk.Pick(random, wordings);
        return random.NextInt(5) == 0 ? GenericTalk.Pick(random, LeadIns) + core : core;
    }

    /// <summary>How the base model answers questions about itself.</summary>
    public static string Denial(RandomStream random) => GenericTalk.Pick(random, Denials);
}
