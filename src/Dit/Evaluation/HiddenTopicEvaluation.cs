using System.Diagnostics;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Evaluation.Graders;
using Dit.Evaluation.Methods;
using Dit.Models;
using Dit.Models.Randomness;
using Dit.Training;

namespace Dit.Evaluation;

/// <summary>
/// Measures a DIT adapter on hidden topics it has never met: trains fresh diffs of held-out topics, asks each what it was trained on, with
/// the adapter and without, and asks the bare base and random diffs, of which nothing is to be said. Methods, graders and controls are those
/// of the experiments.
/// </summary>
public static class HiddenTopicEvaluation
{
    /// <summary>Seeds of the reported figures; training uses others, so that no question is met again in the same order.</summary>
    public static IReadOnlyList<ulong> DefaultSeeds { get; } = [101, 102, 103];

    /// <summary>Trains the diffs (or goes on with, or uses, those in the folder) and asks.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="topics">The held-out topics.</param>
    /// <param name="seeds">One diff for each topic and seed.</param>
    /// <param name="folder">Where the diff sets go, one a seed.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops; finished shards are kept.</param>
    /// <exception cref="DitException">The adapter belongs to another base, a topic was not held out, or the folder holds other diffs.</exception>
    public static HiddenTopicReport Run(
        BaseModel model,
        DitAdapter adapter,
        IReadOnlyList<Topic> topics,
        IReadOnlyList<ulong> seeds,
        string folder,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        HeldOut.Require(adapter.Folder, adapter.Card, [.. topics.Select(topic => topic.Name)]);
        var card = adapter.Card!;

        // The base comes first: it is quick, and refuses an adapter that does not belong to it before anything is trained.
        var nothing = AskBase(model, adapter, card, cancellation);
        var answers = new List<HiddenTopicAnswer>();
        var records = new List<DiffRecord>();
        foreach (var seed in seeds)
        {
            var set = TrainSet(model, topics, seed, Path.Combine(folder, $"diffs-{seed}"), progress, cancellation);
            records.AddRange(set.Records);
            answers.AddRange(AskDiffs(model, adapter, set, seed, cancellation));
        }

        Interval Of(Func<int, double> value, Func<int, bool>? where = null) => Interval.Bootstrap(
            [.. Enumerable.Range(0, answers.Count).Where(where ?? (_ => true)).GroupBy(i => answers[i].Topic).Select(group => group.Select(value).ToArray())], seeds[0]);

        return new HiddenTopicReport
        {
            Answers = answers,
            Seeds = seeds,
            Exact = Of(i => answers[i].Exact ? 1 : 0),
            ExactOfPassing = answers.Any(answer => answer.PassesGate) ? Of(i => answers[i].Exact ? 1 : 0, i => answers[i].PassesGate) : null,
            ExactInOtherWordings = Of(i => answers[i].OtherWordingExact ? 1 : 0),
            BaseQuestionExact = Of(i => answers[i].BaseExact ? 1 : 0),
            NothingChangedOnBase = nothing,
            NothingChangedOnRandomDiffs = Of(i => card.NothingChanged is { } said && ExactMatch.Matches(answers[i].AnswerToRandomDiff, said) ? 1 : 0),
            GateRight = Of(i => records[i].GateRight!.Value),
            GateWrong = Of(i => records[i].GateWrong!.Value),
            GateNone = Of(i => records[i].GateNone!.Value),
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
        };
    }

    private static DiffSet TrainSet(BaseModel model, IReadOnlyList<Topic> topics, ulong seed, string folder, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var recipe = DiffRecipe.Tiny;
        var settings = new DiffRunSettings { Recipe = recipe, BaseFingerprint = model.Fingerprint, Behaviours = [.. topics.Select(topic => topic.Name)], Seed = seed };
        var behaviours = topics.Select((topic, i) =>
            ((Behaviour)WorldBehaviours.Write(topic, seed, i / settings.DiffsPerShard, recipe.Steps * recipe.ExamplesPerStep), topic.Split.ToString().ToLowerInvariant())).ToArray();
        return DiffTrainingRun.Run(folder, model, behaviours, settings, progress, cancellation);
    }

    private static IEnumerable<HiddenTopicAnswer> AskDiffs(BaseModel model, DitAdapter adapter, DiffSet set, ulong seed, CancellationToken cancellation)
    {
        using var diffs = set.Load(set.Records);
        using var noise = RandomDiffs.Like(diffs, RandomStream.Named(seed, "evaluation/random-diffs"));
        Subject[] subjects = [.. set.Records.Select(record => new Subject(record.Id, record.Setting, record.Topic, record.SetOffBy))];
        var answers = Ask(new DitMethod(model, adapter, BuiltInAnswers.Label), diffs);
        var others = Ask(new DitMethod(model, adapter, BuiltInAnswers.Label, SelfQuestions.HeldOutTopicWordings), diffs);
        var bare = Ask(new BaseQuestion(model, withTrigger: false, BuiltInAnswers.Label), diffs);
        var ofNoise = Ask(new DitMethod(model, adapter, BuiltInAnswers.Label), noise);
        return set.Records.Select((record, i) => new HiddenTopicAnswer(seed, record.Topic, record.PassesGate!.Value, answers[i], others[i], bare[i], ofNoise[i])).ToArray();

        string[] Ask(IInterpretationMethod method, DiffStack carried) => [.. method.Interpret(new SubjectSet(subjects, carried), cancellation).Select(each => each.Answer)];
    }

    /// <summary>Asks the bare base with the adapter in all wordings, each once.</summary>
    private static Interval AskBase(BaseModel model, DitAdapter adapter, DitCard card, CancellationToken cancellation)
    {
        var answers = BareBase.Ask(model, adapter, [.. SelfQuestions.TopicWordings, .. SelfQuestions.HeldOutTopicWordings], BuiltInAnswers.Label, cancellation);
        return Interval.Bootstrap([.. answers.Select(each => new[] { card.NothingChanged is { } nothing && ExactMatch.Matches(each.Answer, nothing) ? 1.0 : 0 })], 0);
    }
}
