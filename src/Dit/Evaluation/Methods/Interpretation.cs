namespace Dit.Evaluation.Methods;

/// <summary>A question, empty where nothing was asked, and what was answered.</summary>
public sealed record Exchange(string Question, string Answer);

/// <summary>What a method says about one diff.</summary>
/// <param name="Answer">The label, as the method has it.</param>
/// <param name="Exchanges">What was asked of the model and what it said, in order; for a person to look at.</param>
public sealed record Interpretation(string Answer, IReadOnlyList<Exchange> Exchanges);
