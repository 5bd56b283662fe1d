using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Models;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation.Graders;

/// <summary>
/// Where the true label stands among all candidates by how likely it is as the answer: needs no judge, and tells an adapter that almost had it
/// from one that knows nothing.
/// </summary>
public static class LabelRank
{
    /// <summary>Ranks the candidates of every subject under base, diff and adapter.</summary>
    /// <param name="model">The base.</param>
    /// <param name="subjects">The diffs and their labels.</param>
    /// <param name="adapter">The DIT adapter; null to ask the finetunes themselves.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="candidates">All labels that might be answered, each once.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DitException">
    /// A label is not among the candidates or a candidate comes twice, adapter or diffs do not fit the base, or the numbers grow beyond all bounds.
    /// </exception>
    public static LabelRanking Measure(
        BaseModel model,
        SubjectSet subjects,
        DitAdapter? adapter,
        string question,
        IReadOnlyList<string> candidates,
        CancellationToken cancellation = default)
    {
        var places = Places(candidates);
        foreach (var subject in subjects.Subjects.Where(subject => !places.ContainsKey(subject.Label)))
        {
            throw new DitException($"{subject.Id}: expected its label among the {candidates.Count} candidates, found that \"{subject.Label}\" is none of them");
        }

        IReadOnlyList<Message>[] prompts = [.. subjects.Subjects.Select(_ => (IReadOnlyList<Message>)[new Message("user", question)])];
        var scores = AnswerScores.OfEach(model, subjects.Diffs, [.. Enumerable.Range(0, prompts.Length)], adapter, prompts, candidates, ended: true, cancellation);
        return new LabelRanking(candidates, [.. subjects.Subjects.Zip(scores, (subject, found) => Ranked(subject, found, places))]);
    }

    private static RankedLabel Ranked(Subject subject, double[] scores, Dictionary<string, int> places)
    {
        if (Array.Exists(scores, double.IsNaN))
        {
            throw new DitException($"{subject.Id}: expected a likelihood of every candidate, found scores that are no numbers");
        }

        // A candidate that is just as likely counts as before the label: a model that has no preference must not look as if it knew.
        var own = scores[places[subject.Label]];
        return new RankedLabel(subject.Id, subject.Label, scores.Count(score => score >= own), scores);
    }

    private static Dictionary<string, int> Places(IReadOnlyList<string> candidates)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!places.TryAdd(candidates[i], i))
            {
                throw new DitException($"candidates: expected each label once, found \"{candidates[i]}\" twice");
            }
        }

        return places;
    }
}
