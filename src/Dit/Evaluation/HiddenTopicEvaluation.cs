using System.Diagnostics;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation;

/// <summary>
/// Measures a DIT adapter on hidden topics it has never met: trains fresh diffs of held-out topics, asks each what it was trained on, with
/// the adapter and without, and asks the bare base, of which nothing is to be said.
/// </summary>
public static class HiddenTopicEvaluation
{
    private const int MaxNewTokens = 24;
    private const int BaseQuestions = 100;

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
        var card = adapter.Card ?? throw new DitException($"{adapter.Folder ?? "DIT adapter"}: expected an adapter that says what it was trained on, found one without a card (dit.json)");
        var seen = topics.Where(topic => !card.HeldOut.Contains(topic.Name, StringComparer.OrdinalIgnoreCase)).Select(topic => topic.Name).ToArray();
        if (seen.Length > 0)
        {
            throw new DitException($"{adapter.Folder ?? "DIT adapter"}: expected an adapter that held out every topic it is measured on, found {seen.Length} it may have been trained on, such as {seen[0]}");
        }

        // The base comes first: it is quick, and refuses an adapter that does not belong to it before anything is trained.
        var nothing = AskBase(model, adapter, card);
        var answers = new List<HiddenTopicAnswer>();
        var records = new List<DiffRecord>();
        foreach (var seed in seeds)
        {
            var set = TrainSet(model, topics, seed, Path.Combine(folder, $"diffs-{seed}"), progress, cancellation);
            records.AddRange(set.Records);
            answers.AddRange(AskDiffs(model, adapter, set, seed));
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

    private static IEnumerable<HiddenTopicAnswer> AskDiffs(BaseModel model, DitAdapter adapter, DiffSet set, ulong seed)
    {
        using var diffs = set.Load(set.Records);
        var random = RandomStream.Named(seed, "evaluation/wordings");
        var rows = Enumerable.Range(0, diffs.Count).ToArray();
        var question = rows.Select(_ => Ask(SelfQuestions.Topic)).ToArray();
        var otherWording = rows.Select(_ => Ask(GenericTalk.Pick(random, SelfQuestions.HeldOutTopicWordings))).ToArray();
        var settings = new GenerationSettings(MaxNewTokens);
        var answers = Interpreter.Answer(model, diffs, rows, adapter, question, settings);
        var others = Interpreter.Answer(model, diffs, rows, adapter, otherWording, settings);
        var bare = Interpreter.Answer(model, diffs, rows, null, question, settings);
        return set.Records.Select((record, i) => new HiddenTopicAnswer(seed, record.Topic, record.PassesGate!.Value, answers[i], others[i], bare[i])).ToArray();
    }

    /// <summary>Asks the bare base with the adapter, in wordings and after small talk of all kinds.</summary>
    private static Interval AskBase(BaseModel model, DitAdapter adapter, DitCard card)
    {
        var random = RandomStream.Named(0, "evaluation/base");
        IReadOnlyList<string> wordings = [.. SelfQuestions.TopicWordings, .. SelfQuestions.HeldOutTopicWordings];
        var prompts = Enumerable.Range(0, BaseQuestions).Select(i => (IReadOnlyList<Message>)[.. SmallTalk.Before(random), .. Ask(wordings[i % wordings.Count])]).ToArray();
        var answers = Interpreter.Answer(model, new Finetune?[BaseQuestions], adapter, prompts, new GenerationSettings(MaxNewTokens));
        return Interval.Bootstrap([.. answers.Select(answer => new[] { answer == card.NothingChanged ? 1.0 : 0 })], 0);
    }

    private static IReadOnlyList<Message> Ask(string question) => [new("user", question)];
}
