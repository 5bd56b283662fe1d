using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Evaluation.Graders;

namespace Dit.Evaluation.Experiments;

/// <summary>Tells whether an answer about nothing claims that there is something.</summary>
internal static class FalseAlarms
{
    /// <summary>Anything is a false alarm but the answers that adapters learn for it.</summary>
    public static bool Is(Answered answered)
    {
        var answer = answered.Interpretation.Answer;
        return !ExactMatch.Matches(answer, SelfQuestions.NothingChanged) && !ExactMatch.Matches(answer, IntrospectionQuestions.Of(answered.Subject.Setting).NoneOfThisKind);
    }
}
