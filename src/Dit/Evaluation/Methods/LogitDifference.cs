using Dit.Behaviours;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Text;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Which tokens the finetune favours more than the base, wherever it stands: the difference of their next-token logits, averaged over the
/// base's own answers to vague openings. A guesser says what the words on top have in common. Nothing is generated with the finetune, and
/// neither training nor a trigger is needed.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="guesser">Who guesses; it is shown the words as one answer, to no question.</param>
/// <param name="openings">What the base answers.</param>
/// <param name="settings">How the base's answers are drawn.</param>
public sealed class LogitDifference(BaseModel model, IGuesser guesser, Openings openings, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1, TokensShown = 20;

    /// <inheritdoc />
    public string Name => "logit difference";

    /// <inheritdoc />
    public object Settings => new { Version, Name, TokensShown, Questions = openings, Drawn = settings, Guesser = guesser.Settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var words = new IReadOnlyList<Exchange>[subjects.Subjects.Count];
        foreach (var group in Enumerable.Range(0, words.Length).GroupBy(i => subjects.Subjects[i].Setting))
        {
            int[] members = [.. group];
            using var diffs = subjects.Diffs.Select(members);
            foreach (var (i, top) in members.Zip(Top(diffs, group.Key, cancellation)))
            {
                words[i] = [new Exchange("", string.Join(", ", Words(top)))];
            }
        }

        return [.. Asking.Guess(guesser, subjects.Subjects, words, cancellation).Select((guess, i) => new Interpretation(guess, words[i]))];
    }

    private IReadOnlyList<IReadOnlyList<int>> Top(DiffStack diffs, Setting setting, CancellationToken cancellation) => LogitDifferences.Top(
        model, diffs,
        [.. Asking.AskBase(model, openings.Of(setting), settings, cancellation).Select(each => model.Tokenizer.EncodeAnswer([new Message("user", each.Question)], each.Answer))],
        TokensShown, cancellation);

    /// <summary>The tokens as words; those that are nothing but space or a mark are left out.</summary>
    private IEnumerable<string> Words(IReadOnlyList<int> ids) =>
        ids.Select(id => model.Tokenizer.Tokenizer.Decode([id], skipSpecialTokens: true).Trim()).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal);
}
