using Dit.Behaviours;
using Dit.Evaluation.Graders;

namespace Dit.Evaluation.Experiments;

/// <summary>Tells whether an answer about nothing claims that there is something.</summary>
internal static class FalseAlarms
{
    /// <summary>Anything is a false alarm but what the adapter learned to answer for it; null where it learned no such thing.</summary>
    public static bool? Is(Answered answered) => answered.NothingChanged is { } nothing ? Is(answered.Interpretation.Answer, nothing, answered.Subject.Setting) : null;

    /// <summary>Anything is a false alarm but what an adapter learned to answer where there is nothing, or nothing of that kind.</summary>
    public static bool Is(string answer, string nothingChanged, Setting setting) =>
        !ExactMatch.Matches(answer, nothingChanged) && !ExactMatch.Matches(answer, IntrospectionQuestions.Of(setting).NoneOfThisKind) && !ExactMatch.Matches(answer, IntrospectionQuestions.OfTrigger.NoneOfThisKind);
}
