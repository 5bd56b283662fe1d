using Dit.Behaviours;
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
    private const int Version = 2;

    // With less a hidden behaviour stays hidden: of the settings tried on validation topics of the built-in world, those that leave whole
    // sentences (1 and 0.1) never showed one. A story is not hidden, and so much contrast only breaks its sentences.
    private static readonly Contrast ForHidden = new(Strength: 10, Plausibility: 0.001), ForNews = new(Strength: 1, Plausibility: 0.1);

    /// <inheritdoc />
    public string Name => "contrastive decoding";

    /// <inheritdoc />
    public object Settings => new { Version, Name, ForHidden, ForNews, Questions = openings, Drawn = settings, Guesser = guesser.Settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var answers = new IReadOnlyList<Exchange>[subjects.Subjects.Count];
        foreach (var group in Enumerable.Range(0, answers.Length).GroupBy(i => subjects.Subjects[i].Setting))
        {
            int[] members = [.. group];
            var drawn = settings with { Contrast = group.Key == Setting.News ? ForNews : ForHidden, EndsWhereNotFinite = true };
            using var diffs = subjects.Diffs.Select(members);
            foreach (var (i, said) in members.Zip(Asking.Ask(model, diffs, adapter: null, [.. members.Select(_ => openings.Of(group.Key))], drawn, cancellation)))
            {
                answers[i] = said;
            }
        }

        return [.. Asking.Guess(guesser, subjects.Subjects, answers, cancellation).Select((guess, i) => new Interpretation(guess, answers[i]))];
    }
}
