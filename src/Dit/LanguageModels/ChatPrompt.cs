namespace Dit.LanguageModels;

/// <summary>One question to a language model.</summary>
/// <param name="System">How to behave; null for nothing.</param>
/// <param name="User">What is asked.</param>
/// <param name="MostTokens">The longest answer that is wanted.</param>
/// <param name="Attempt">0, or the number of an attempt whose earlier ones were no use: the same question of another number is asked afresh.</param>
public sealed record ChatPrompt(string? System, string User, int MostTokens, int Attempt = 0);
