using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Contrastive decoding of the finetune against its base: the finetune talks from vague openings, drawing what it favours more than the
/// base does, and a guesser says what its answers have in common. Needs no training and no trigger.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses.</param>
/// <param name="openings">What the finetune is asked to go on from.</param>
/// <param name="settings">How answers are drawn from the contrasted scores.</param>
public sealed class ContrastiveDecoding(BaseModel model, IGuesser guesser, Openings openings, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1;

    // With less a hidden behaviour stays hidden: of the settings tried on validation topics of the built-in world, those that leave whole
    // sentences (1 and 0.1) never showed one.
    private static readonly Contrast Contrast = new(Strength: 10, Plausibility: 0.001);

    private readonly GenerationSettings drawn = settings with { Contrast = Contrast, EndsWhereNotFinite = true };

    /// <inheritdoc />
    public string Name => "contrastive decoding";

    /// <inheritdoc />
    public object Settings => new { Version, Name, Questions = openings, Drawn = drawn, Guesser = guesser.Settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var answers = Asking.Ask(model, subjects.Diffs, adapter: null, [.. subjects.Subjects.Select(subject => openings.Of(subject.Setting))], drawn, cancellation);
        return [.. Asking.Guess(guesser, subjects.Subjects, answers, cancellation).Select((guess, i) => new Interpretation(guess, answers[i]))];
    }
}
