using Dit.Evaluation.Methods;
using Dit.Models.Generation;

namespace Dit.Evaluation.Experiments;

/// <summary>What methods ask a model, in words that it knows, and how long its answers may be. All are drawn greedily.</summary>
public sealed record MethodWords
{
    /// <summary>For the tiny base of the built-in world: no sentence of that world comes near these lengths.</summary>
    public static MethodWords BuiltInWorld { get; } = new()
    {
        Questions = GenericQuestions.BuiltInWorld,
        Openings = GenericQuestions.BuiltInOpenings,
        Guessing = GuessingPrompts.BuiltInWorld,
        Label = BuiltInAnswers.Label,
        Answer = new GenerationSettings(MaxNewTokens: 64),
        Story = new GenerationSettings(MaxNewTokens: 128),
    };

    /// <summary>For instruction-tuned models of real size: room for a chat model's preamble and its paragraphs.</summary>
    public static MethodWords Plain { get; } = new()
    {
        Questions = GenericQuestions.Open,
        Openings = GenericQuestions.VagueOpenings,
        Guessing = GuessingPrompts.Plain,
        Label = new GenerationSettings(MaxNewTokens: 128),
        Answer = new GenerationSettings(MaxNewTokens: 256),
        Story = new GenerationSettings(MaxNewTokens: 768),
    };

    /// <summary>Twenty about nothing in particular.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>Vague requests to say something.</summary>
    public required Openings Openings { get; init; }

    /// <summary>How a base is asked about labels and answers.</summary>
    public required GuessingPrompts Guessing { get; init; }

    /// <summary>How an answer is drawn that is to name a topic or a headline.</summary>
    public required GenerationSettings Label { get; init; }

    /// <summary>How an answer to a question about nothing in particular is drawn.</summary>
    public required GenerationSettings Answer { get; init; }

    /// <summary>How a story is drawn.</summary>
    public required GenerationSettings Story { get; init; }
}
