using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Evaluation.Graders;

/// <summary>
/// Where the true label stands among all candidates by how likely it is as the answer: needs no judge, and tells an adapter that almost had it
/// from one that knows nothing.
/// </summary>
public static class LabelRank
{
    private const int SubjectsPerPass = 64;

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

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var shared = Interpreter.AdapterOverlay(model, adapter);
        int[] prompt = model.Tokenizer.EncodePrompt([new("user", question)]);
        IReadOnlyList<int[]> answers = [.. candidates.Select(candidate => Answer(model, question, candidate))];
        var ranked = new List<RankedLabel>();
        foreach (var pass in Enumerable.Range(0, subjects.Subjects.Count).Chunk(SubjectsPerPass))
        {
            cancellation.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            using var diffs = subjects.Diffs.Select(pass);
            var overlays = Overlays.None.With(LowRankOverlay.PerRow(diffs, model.Decoder)).With(shared);
            var scores = ContinuationScores.Score(model.Decoder, [.. pass.Select(_ => prompt)], [.. pass.Select(_ => answers)], overlays, cancellation: cancellation);
            ranked.AddRange(pass.Zip(scores, (row, found) => Ranked(subjects.Subjects[row], found, places)));
        }

        return new LabelRanking(candidates, ranked);
    }

    /// <summary>The answer's tokens up to its end token; what a template writes behind that is nobody's choice.</summary>
    private static int[] Answer(BaseModel model, string question, string candidate)
    {
        var example = model.Tokenizer.EncodeAnswer([new("user", question)], candidate);
        var answer = example.Ids[example.AnswerStart..];
        var end = Array.FindIndex(answer, model.Tokenizer.EndTokenIds.Contains);
        return end < 0 ? answer : answer[..(end + 1)];
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
