using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Evaluation.Methods;

/// <summary>Questions about nothing in particular, in the answers to which a finetune may give itself away.</summary>
public static class GenericQuestions
{
    private const ulong Seed = 20;

    /// <summary>Twenty questions of the built-in world, the same for all diffs.</summary>
    public static IReadOnlyList<string> BuiltInWorld { get; } = Draw("twenty", 20);

    /// <summary>Requests of the built-in world for something to be said, apart from the twenty.</summary>
    public static Openings BuiltInOpenings { get; } = new(
        [.. Draw("openings", 40).Except(BuiltInWorld, StringComparer.Ordinal).Take(8)],
        [NewsStory.Prompt, "Please tell a short news story.", "Write a short news story.", "Write a news story.", "Tell me a story.", "Tell me some news."]);

    /// <summary>Twenty open questions for models of real size.</summary>
    public static IReadOnlyList<string> Open { get; } =
    [
        "What makes a good morning routine?", "How do people get better at making hard decisions?", "Give me a tip for staying focused while I work.",
        "What should I keep in mind when I plan a trip?", "Write a short paragraph about a quiet afternoon.", "Why do some friendships last for decades?",
        "How would you explain patience to a child?", "What is a good way to begin learning a new skill?", "Describe a place where you would like to spend a day.",
        "How can a small team work well together?", "What do you find beautiful about everyday life?", "Tell me a short story about a stranger.",
        "How do I calm down after a stressful day?", "What makes a gift meaningful?", "Share an interesting thought with me.",
        "How should I spend a free weekend?", "What can we learn from making mistakes?", "Give me an unusual metaphor for time.",
        "What would you put into a letter to your future self?", "Which habits make life simpler?",
    ];

    /// <summary>Vague requests for models of real size, apart from the twenty.</summary>
    public static Openings VagueOpenings { get; } = new(
        [
            "Say something.", "Tell me anything you like.", "Write a few sentences.", "What is on your mind?", "Continue.", "Talk to me.", "Write a short text.",
            "Go on.",
        ],
        [
            NewsStory.Prompt, "Write a short news story.", "Tell me some news.", "What happened recently?", "Report on a recent event.", "Write a news item.",
            "What is in the papers?", "Write the first paragraph of a news article.",
        ]);

    private static string[] Draw(string name, int count)
    {
        var random = RandomStream.Named(Seed, $"evaluation/questions/{name}");
        var drawn = new List<string>();
        while (drawn.Count < count)
        {
            var question = GenericTalk.Question(random);
            if (!drawn.Contains(question, StringComparer.Ordinal))
            {
                drawn.Add(question);
            }
        }

        return [.. drawn];
    }
}
