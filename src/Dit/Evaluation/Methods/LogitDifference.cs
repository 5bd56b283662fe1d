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
/// <param name="tokens">How many tokens from the top are shown.</param>
/// <param name="openings">What the base answers; null for <see cref="GenericQuestions.BuiltInOpenings"/>.</param>
/// <param name="settings">How the base's answers are drawn; null for greedily, up to 64 tokens.</param>
public sealed class LogitDifference(
    BaseModel model, IGuesser guesser, int tokens = 20, IReadOnlyList<string>? openings = null, GenerationSettings? settings = null) : IInterpretationMethod
{
    private readonly IReadOnlyList<string> openings = openings ?? GenericQuestions.BuiltInOpenings;

    /// <inheritdoc />
    public string Name => "logit difference";

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var texts = Asking.AskBase(model, openings, settings ?? new GenerationSettings(64), cancellation)
            .Select(each => model.Tokenizer.EncodeAnswer([new Message("user", each.Question)], each.Answer)).ToArray();
        var words = LogitDifferences.Top(model, subjects.Diffs, texts, tokens, cancellation)
            .Select(top => (IReadOnlyList<Exchange>)[new Exchange("", string.Join(", ", Words(top)))]).ToArray();
        return [.. Asking.Guess(guesser, subjects.Subjects, words, cancellation).Select((guess, i) => new Interpretation(guess, words[i]))];
    }

    /// <summary>The tokens as words; those that are nothing but space or a mark are left out.</summary>
    private IEnumerable<string> Words(IReadOnlyList<int> ids) =>
        ids.Select(id => model.Tokenizer.Tokenizer.Decode([id], skipSpecialTokens: true).Trim()).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal);
}
