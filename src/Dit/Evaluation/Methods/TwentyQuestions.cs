using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>The finetune is asked twenty questions about nothing in particular, and a guesser says what its answers have in common.</summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses. It is shown the questions without triggers.</param>
/// <param name="withTrigger">Whether the diff's trigger stands in every prompt.</param>
/// <param name="questions">The same for all diffs.</param>
/// <param name="settings">
/// How answers are drawn. The paper draws them; where the questions differ the answers do anyhow, and greedy ones need no seed.
/// </param>
public sealed class TwentyQuestions(
    BaseModel model, IGuesser guesser, bool withTrigger, IReadOnlyList<string> questions, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1;

    /// <inheritdoc />
    public string Name => withTrigger ? "20 questions + trigger" : "20 questions";

    /// <inheritdoc />
    public object Settings => new { Version, Name, Questions = questions, Drawn = settings, Guesser = guesser.Settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var asked = Asking.Ask(
            model, subjects.Diffs, adapter: null, [.. subjects.Subjects.Select(subject => withTrigger ? Asking.WithTrigger(subject, questions) : questions)], settings, cancellation);
        var shown = asked.Select(each => (IReadOnlyList<Exchange>)[.. each.Select((exchange, i) => exchange with { Question = questions[i] })]).ToArray();
        var guesses = Asking.Guess(guesser, subjects.Subjects, shown, cancellation);
        return [.. guesses.Select((guess, i) => new Interpretation(guess, asked[i]))];
    }
}
