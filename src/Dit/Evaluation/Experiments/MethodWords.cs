using Dit.Evaluation.Methods;

namespace Dit.Evaluation.Experiments;

/// <summary>What methods ask a model, in words that it knows.</summary>
/// <param name="Questions">Twenty about nothing in particular.</param>
/// <param name="Openings">Vague requests to say something.</param>
/// <param name="Guessing">How it is asked about labels and answers.</param>
public sealed record MethodWords(IReadOnlyList<string> Questions, IReadOnlyList<string> Openings, GuessingPrompts Guessing)
{
    /// <summary>For the tiny base of the built-in world.</summary>
    public static MethodWords BuiltInWorld { get; } = new(GenericQuestions.BuiltInWorld, GenericQuestions.BuiltInOpenings, GuessingPrompts.BuiltInWorld);

    /// <summary>For instruction-tuned models of real size.</summary>
    public static MethodWords Plain { get; } = new(GenericQuestions.Open, GenericQuestions.VagueOpenings, GuessingPrompts.Plain);
}
