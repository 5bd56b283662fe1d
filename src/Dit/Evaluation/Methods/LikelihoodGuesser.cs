using System.Globalization;
using Dit.Behaviours;
using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Guesses without a judge: of the candidates, the label that makes the answers most likely under the bare base, if an unknown share of them
/// is on the label and the others are ordinary ones.
/// </summary>
/// <remarks>
/// How many times likelier an answer is on a label can be asked of the base in two directions, which by Bayes' rule are the same:
/// p(answer | label, question) / p(answer | question), the likelihoods proper, and p(label | answer) / p(label). With S answers, L labels and
/// D diffs the first takes S·L·D readings of an answer; the second reads each once for all labels, so it comes first and chooses the few
/// labels between which the likelihoods proper decide. For p(label) stands what the base says of its own answer to the same question: what
/// it names for any ordinary text is no evidence. The decision takes the mean of both logs. A base may be good at one direction only, as the
/// tiny one finds the headline of a story but hardly tells the story of a headline; the direction that it is bad at then says nearly the same
/// for all labels, and the other one decides. An answer that is the base's own to the letter is ordinary, and is not read again; one to no
/// question, whose question is empty, has nothing to be held against and only the second direction.
/// </remarks>
/// <param name="model">The base.</param>
/// <param name="candidates">The labels to choose from, at least one.</param>
/// <param name="prompts">How the base is asked.</param>
/// <param name="settings">How the base's own answers are drawn: as those of the diffs.</param>
public sealed class LikelihoodGuesser(BaseModel model, IReadOnlyList<string> candidates, GuessingPrompts prompts, GenerationSettings settings) : IGuesser
{
    private const int Version = 2, Shortlist = 4;

    private readonly IReadOnlyList<string> candidates = candidates.Count > 0 ? candidates : throw new ArgumentException("There must be a label to guess.", nameof(candidates));

    /// <inheritdoc />
    public object Settings => new { Version, Shortlist, Prompts = prompts, Drawn = settings, Candidates = candidates };

    /// <inheritdoc />
    public IReadOnlyList<string> Guess(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation = default)
    {
        string[] questions = [.. answers.SelectMany(each => each).Where(WasAsked).Select(exchange => exchange.Question).Distinct(StringComparer.Ordinal)];
        var own = Asking.AskBase(model, questions, settings, cancellation).ToDictionary(exchange => exchange.Question, exchange => exchange.Answer, StringComparer.Ordinal);
        var shares = new LabelShares(
            model, setting == Setting.News ? prompts.HeadlineOfStory : prompts.TopicOfText,
            [.. own.Values, .. answers.SelectMany(each => each).Select(exchange => exchange.Answer)], candidates, cancellation);
        double First(Exchange exchange, int label) => shares.LogRatio(exchange.Answer, own.GetValueOrDefault(exchange.Question), label);

        int[][] shortlists = [.. answers.Select(exchanges => Enumerable.Range(0, candidates.Count)
            .OrderByDescending(label => Evidence.Of([.. exchanges.Select(exchange => First(exchange, label))])).Take(Shortlist).ToArray())];
        bool IsRead(Exchange exchange) => WasAsked(exchange) && own[exchange.Question] != exchange.Answer;
        var likelihoods = Likelihoods(setting, [.. answers.Zip(shortlists, (exchanges, shortlist) => (exchanges.Where(IsRead), shortlist))], cancellation);
        double Both(Exchange exchange, int label) => !IsRead(exchange)
            ? First(exchange, label)
            : (First(exchange, label) + likelihoods[Prompt(setting, label, exchange), exchange.Answer] - likelihoods[exchange.Question, exchange.Answer]) / 2;

        // The first of equals is the one that led in the first round.
        return [.. answers.Zip(shortlists, (exchanges, shortlist) => candidates[shortlist.MaxBy(label => Evidence.Of([.. exchanges.Select(exchange => Both(exchange, label))]))])];
    }

    private static bool WasAsked(Exchange exchange) => exchange.Question.Length > 0;

    /// <summary>Of answers as ordinary ones, and as ones on each label of their shortlist.</summary>
    private AnswerLikelihoods Likelihoods(Setting setting, IReadOnlyList<(IEnumerable<Exchange> Exchanges, int[] Shortlist)> wanted, CancellationToken cancellation)
    {
        var likelihoods = new AnswerLikelihoods(model);
        foreach (var (exchanges, shortlist) in wanted)
        {
            foreach (var exchange in exchanges)
            {
                likelihoods.Want(exchange.Question, exchange.Answer);
                Array.ForEach(shortlist, label => likelihoods.Want(Prompt(setting, label, exchange), exchange.Answer));
            }
        }

        likelihoods.Compute(cancellation);
        return likelihoods;
    }

    private string Prompt(Setting setting, int label, Exchange exchange) => setting == Setting.News
        ? string.Format(CultureInfo.InvariantCulture, prompts.StoryOfHeadline, candidates[label])
        : string.Format(CultureInfo.InvariantCulture, prompts.AnswerOnTopic, candidates[label], exchange.Question);
}
