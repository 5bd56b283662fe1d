using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>How answers are drawn in the built-in world, wherever a base of it is asked.</summary>
public static class BuiltInAnswers
{
    /// <summary>An answer that is to name a topic or a headline: no label of that world comes near this length.</summary>
    public static GenerationSettings Label { get; } = new(MaxNewTokens: 48);
}
