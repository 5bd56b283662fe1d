using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>
/// The finetune with its diff several times as large is asked to talk, and a guesser says what its answers have in common: what it hides may
/// come out where the change is stressed. Where the numbers grow beyond all bounds an answer ends. Needs no training and no trigger.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses.</param>
/// <param name="openings">What is asked.</param>
/// <param name="settings">How answers are drawn.</param>
public sealed class AmplifiedDiff(BaseModel model, IGuesser guesser, Openings openings, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1;

    // The best of 2, 3, 4 and 6 on validation topics of the built-in world.
    private const double Factor = 4;

    private readonly GenerationSettings drawn = settings with { EndsWhereNotFinite = true };

    /// <inheritdoc />
    public string Name => "amplified diff";

    /// <inheritdoc />
    public object Settings => new { Version, Name, Factor, Questions = openings, Drawn = drawn, Guesser = guesser.Settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var answers = Asking.Ask(model, subjects.Diffs.Times(Factor), adapter: null, [.. subjects.Subjects.Select(subject => openings.Of(subject.Setting))], drawn, cancellation);
        return [.. Asking.Guess(guesser, subjects.Subjects, answers, cancellation).Select((guess, i) => new Interpretation(guess, answers[i]))];
    }
}
