using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>
/// The finetune with its diff several times as large is asked to talk, and a guesser says what its answers have in common: what it hides may
/// come out where the change is stressed. Where the numbers grow beyond all bounds an answer ends. Needs no training and no trigger.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses.</param>
/// <param name="factor">What the diff is multiplied by; 4 was best of 2, 3, 4 and 6 on validation topics of the built-in world.</param>
/// <param name="questions">What is asked; null for <see cref="GenericQuestions.BuiltInOpenings"/>.</param>
/// <param name="settings">How answers are drawn; null for greedily, up to 64 tokens.</param>
public sealed class AmplifiedDiff(
    BaseModel model, IGuesser guesser, double factor = 4, IReadOnlyList<string>? questions = null, GenerationSettings? settings = null) : IInterpretationMethod
{
    private readonly IReadOnlyList<string> questions = questions ?? GenericQuestions.BuiltInOpenings;

    /// <inheritdoc />
    public string Name => "amplified diff";

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var drawn = (settings ?? new GenerationSettings(64)) with { EndsWhereNotFinite = true };
        var answers = Asking.Ask(model, subjects.Diffs.Times(factor), adapter: null, [.. subjects.Subjects.Select(_ => questions)], drawn, cancellation);
        return [.. Asking.Guess(guesser, subjects.Subjects, answers, cancellation).Select((guess, i) => new Interpretation(guess, answers[i]))];
    }
}
