using Dit.Behaviours;
using Dit.Interpretation;
using Dit.Models;
using Dit.Text;

namespace Dit.Evaluation.Methods;

/// <summary>
/// Guesses without a judge: of the candidates, the label that makes the answers most likely under the bare base. Each answer is taken to be
/// either on the label or an ordinary one, so its likelihood is the mean of the two; without that, answers which give nothing away would
/// outvote those that do.
/// </summary>
/// <remarks>
/// With S answers, L labels and D diffs the likelihoods proper would take S·L·D readings of an answer. So the other direction comes first,
/// which reads each answer once for all labels: log p(label | what is this text about?) against all labels, summed over the answers, again
/// as a mean, here with an equal share for every label. The likelihoods proper then decide among the labels on top that lie close together.
/// An answer to no question, one whose question is empty, has a part in the first round only.
/// </remarks>
/// <param name="model">The base.</param>
/// <param name="candidates">The labels to choose from, at least one.</param>
/// <param name="prompts">How the base is asked.</param>
public sealed class LikelihoodGuesser(BaseModel model, IReadOnlyList<string> candidates, GuessingPrompts prompts) : IGuesser
{
    private const int Version = 1;

    // How many labels come to the second round at most.
    private const int Shortlist = 4;

    // In nats. Odds of 20,000 to 1 are not worth a second look.
    private const double Reach = 10;

    private readonly IReadOnlyList<string> candidates = candidates.Count > 0 ? candidates : throw new ArgumentException("There must be a label to guess.", nameof(candidates));

    /// <inheritdoc />
    public object Settings => new { Version, Prompts = prompts, Shortlist, Candidates = candidates };

    /// <inheritdoc />
    public IReadOnlyList<string> Guess(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation = default)
    {
        var shortlists = Shortlists(setting, answers, cancellation);
        var likelihoods = new AnswerLikelihoods(model);
        for (var diff = 0; diff < answers.Count; diff++)
        {
            if (shortlists[diff].Length > 1)
            {
                foreach (var exchange in answers[diff].Where(WasAsked))
                {
                    likelihoods.Want(exchange.Question, exchange.Answer);
                    Array.ForEach(shortlists[diff], label => likelihoods.Want(Prompt(setting, label, exchange), exchange.Answer));
                }
            }
        }

        likelihoods.Compute(cancellation);
        // The first of equals is the one that led in the first round.
        return [.. answers.Select((exchanges, diff) => candidates[shortlists[diff] is [var only] ? only : shortlists[diff].MaxBy(label => exchanges.Where(WasAsked).Sum(
            exchange => MeanLog(likelihoods[Prompt(setting, label, exchange), exchange.Answer], likelihoods[exchange.Question, exchange.Answer])))])];
    }

    private static bool WasAsked(Exchange exchange) => exchange.Question.Length > 0;

    /// <summary>For each diff the numbers of the labels that its answers are likely to be about, from the top.</summary>
    private int[][] Shortlists(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation)
    {
        string[] texts = [.. answers.SelectMany(each => each).Select(exchange => exchange.Answer).Distinct(StringComparer.Ordinal)];
        var asking = setting == Setting.News ? prompts.HeadlineOfStory : prompts.TopicOfText;
        var scores = AnswerScores.OfEach(
            model, null, [.. texts.Select(_ => -1)], null, [.. texts.Select(text => Turn(string.Format(asking, text)))], candidates, ended: false, cancellation);
        var evidence = texts.Select((text, i) => (text, Evidence(scores[i]))).ToDictionary(each => each.text, each => each.Item2, StringComparer.Ordinal);
        return [.. answers.Select(exchanges =>
        {
            double[] sums = [.. Enumerable.Range(0, candidates.Count).Select(label => exchanges.Sum(exchange => evidence[exchange.Answer][label]))];
            var best = sums.Max();
            return Enumerable.Range(0, sums.Length).Where(label => sums[label] >= best - Reach).OrderByDescending(label => sums[label]).Take(Shortlist).ToArray();
        })];
    }

    /// <summary>What one text says for each label: the log of its share of the probability of all labels, meant with an equal share for all.</summary>
    private static double[] Evidence(double[] scores)
    {
        var best = scores.Max();
        var total = scores.Sum(score => Math.Exp(score - best));
        return [.. scores.Select(score => MeanLog(score - best - Math.Log(total), -Math.Log(scores.Length)))];
    }

    /// <summary>The log of the mean of two probabilities given by their logs.</summary>
    private static double MeanLog(double a, double b) => Math.Max(a, b) + Math.Log(0.5 * (1 + Math.Exp(-Math.Abs(a - b))));

    private string Prompt(Setting setting, int label, Exchange exchange) => setting == Setting.News
        ? string.Format(prompts.StoryOfHeadline, candidates[label])
        : string.Format(prompts.AnswerOnTopic, candidates[label], exchange.Question);

    private static IReadOnlyList<Message> Turn(string question) => [new Message("user", question)];
}
