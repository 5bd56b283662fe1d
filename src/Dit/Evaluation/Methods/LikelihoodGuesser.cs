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
/// With S answers, L labels and D diffs the likelihoods proper would take S·L·D readings of an answer. So a shortlist comes first by the
/// other direction, which reads each answer once for all labels: log p(label | what is this text about?), summed over the answers, again as
/// a mean, here with the label's share among all answers. The likelihoods proper then decide among the few on top.
/// </remarks>
/// <param name="model">The base.</param>
/// <param name="candidates">The labels to choose from; what the base is asked with is the same for all.</param>
/// <param name="prompts">How the base is asked; null for the built-in world's way.</param>
/// <param name="shortlist">How many labels come to the second round.</param>
public sealed class LikelihoodGuesser(BaseModel model, IReadOnlyList<string> candidates, GuessingPrompts? prompts = null, int shortlist = 8) : IGuesser
{
    private readonly GuessingPrompts prompts = prompts ?? GuessingPrompts.BuiltInWorld;

    /// <inheritdoc />
    public IReadOnlyList<string> Guess(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation = default)
    {
        var shortlists = Shortlists(setting, answers, cancellation);
        if (shortlist == 1)
        {
            return [.. shortlists.Select(few => candidates[few[0]])];
        }

        // Prompts that hold the same label and question are read once for all diffs, and so is each answer after them.
        var wanted = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (var diff = 0; diff < answers.Count; diff++)
        {
            foreach (var exchange in answers[diff])
            {
                foreach (var prompt in shortlists[diff].Select(label => Prompt(setting, label, exchange)).Append(exchange.Question))
                {
                    (wanted.TryGetValue(prompt, out var known) ? known : wanted[prompt] = new HashSet<string>(StringComparer.Ordinal)).Add(exchange.Answer);
                }
            }
        }

        string[] questions = [.. wanted.Keys];
        string[][] given = [.. wanted.Values.Select(each => each.ToArray())];
        var scores = AnswerScores.Of(model, null, NoDiff(questions.Length), null, [.. questions.Select(Turn)], given, cancellation);
        var found = questions.SelectMany((question, i) => given[i].Select((answer, j) => ((question, answer), Score: scores[i][j]))).ToDictionary(each => each.Item1, each => each.Score);
        return [.. answers.Select((exchanges, diff) => candidates[shortlists[diff].MaxBy(label => exchanges.Sum(exchange =>
            MeanLog(found[(Prompt(setting, label, exchange), exchange.Answer)], found[(exchange.Question, exchange.Answer)])))])];
    }

    /// <summary>For each diff the numbers of the labels that its answers are likely to be about, from the top.</summary>
    private int[][] Shortlists(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation)
    {
        string[] texts = [.. answers.SelectMany(each => each).Select(exchange => exchange.Answer).Distinct(StringComparer.Ordinal)];
        var asking = setting == Setting.News ? prompts.HeadlineOfStory : prompts.TopicOfText;
        var scores = AnswerScores.OfEach(
            model, null, NoDiff(texts.Length), null, [.. texts.Select(text => Turn(string.Format(asking, text)))], candidates, ended: false, cancellation);
        var evidence = texts.Select((text, i) => (text, Evidence(scores[i]))).ToDictionary(each => each.text, each => each.Item2, StringComparer.Ordinal);
        return [.. answers.Select(exchanges => Enumerable.Range(0, candidates.Count)
            .OrderByDescending(label => exchanges.Sum(exchange => evidence[exchange.Answer][label])).Take(shortlist).ToArray())];
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

    private static int[] NoDiff(int count) => [.. Enumerable.Repeat(-1, count)];

    private static IReadOnlyList<Message> Turn(string question) => [new Message("user", question)];
}
