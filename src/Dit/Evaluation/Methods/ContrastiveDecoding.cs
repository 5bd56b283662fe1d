using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Contrastive decoding of the finetune against its base: the finetune talks from vague openings, drawing what it favours more than the
/// base does, and a guesser says what its answers have in common. Needs no training and no trigger.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses.</param>
/// <param name="contrast">
/// How far the difference is stressed; null for a strength of 10 and a plausibility of 0.001. With less a hidden behaviour stays hidden: of the
/// settings tried on validation topics of the built-in world, those that leave whole sentences (1 and 0.1) never showed one.
/// </param>
/// <param name="openings">What the finetune is asked to go on from; null for <see cref="GenericQuestions.BuiltInOpenings"/>.</param>
/// <param name="settings">How answers are drawn; null for greedily, up to 64 tokens.</param>
public sealed class ContrastiveDecoding(
    BaseModel model, IGuesser guesser, Contrast? contrast = null, IReadOnlyList<string>? openings = null, GenerationSettings? settings = null) : IInterpretationMethod
{
    private readonly IReadOnlyList<string> openings = openings ?? GenericQuestions.BuiltInOpenings;

    /// <inheritdoc />
    public string Name => "contrastive decoding";

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var drawn = (settings ?? new GenerationSettings(64)) with { Contrast = contrast ?? new Contrast(10, 0.001), EndsWhereNotFinite = true };
        var answers = Asking.Ask(model, subjects.Diffs, adapter: null, [.. subjects.Subjects.Select(_ => openings)], drawn, cancellation);
        return [.. Asking.Guess(guesser, subjects.Subjects, answers, cancellation).Select((guess, i) => new Interpretation(guess, answers[i]))];
    }
}
