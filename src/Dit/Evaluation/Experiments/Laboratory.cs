using Dit.Behaviours;
using Dit.Diffs;
using Dit.Evaluation.Graders;
using Dit.Evaluation.Methods;
using Dit.Models;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// Where experiments get what they work with: diffs, adapters and answers. Each is made once, kept in the work folder, and used by every
/// experiment that needs the same.
/// </summary>
public sealed class Laboratory
{
    /// <summary>All diffs from which adapters are trained are of this seed.</summary>
    public const ulong TrainingSeed = 1;

    /// <summary>Goes up whenever the same method comes to be asked, or labels to be ranked, in another way.</summary>
    private const int AlgorithmVersion = 1;

    private readonly IBehaviourSource source;
    private readonly WorkFolder work;
    private readonly IProgress<TrainingProgress>? progress;
    private readonly CancellationToken cancellation;
    private readonly ModelIdentity identity;
    private readonly Dictionary<(DiffPlan Plan, ulong Seed), (string Part, DiffSet Set)> sets = [];
    private readonly Dictionary<string, string> fingerprints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeptAdapter> adapters = new(StringComparer.Ordinal);
    private readonly SortedSet<string> used = new(StringComparer.Ordinal);

    /// <summary>Opens a work folder, new or used before.</summary>
    /// <param name="model">The base.</param>
    /// <param name="source">Where behaviours come from.</param>
    /// <param name="settings">Scale, seeds and count.</param>
    /// <param name="folder">The work folder.</param>
    /// <param name="judge">Guesses what answers have in common; null to guess by likelihood.</param>
    /// <param name="progress">Told about all training and asking.</param>
    /// <param name="cancellation">Stops; finished parts are kept.</param>
    public Laboratory(
        BaseModel model,
        IBehaviourSource source,
        ExperimentSettings settings,
        string folder,
        Judge? judge = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        (Model, Settings, this.source, this.progress, this.cancellation) = (model, settings, source, progress, cancellation);
        work = new WorkFolder(folder);
        identity = ModelIdentity.Of(model);
        Methods = new MethodList(model, source, judge);
    }

    /// <summary>The base.</summary>
    public BaseModel Model { get; }

    /// <summary>What the person chose.</summary>
    public ExperimentSettings Settings { get; }

    /// <summary>Sizes and recipes.</summary>
    public Scale Scale => Settings.Scale;

    /// <summary>Seeds of held-out diffs.</summary>
    public IReadOnlyList<ulong> Seeds => Settings.Seeds;

    /// <summary>Seeds where everything must be trained anew for each point of a curve.</summary>
    public IReadOnlyList<ulong> SweepSeeds => [.. Settings.Seeds.Take(Scale.SeedsOfSweeps)];

    /// <summary>The methods, ready to ask.</summary>
    public MethodList Methods { get; }

    /// <summary>Seconds spent so far on each part that was used, whenever that was.</summary>
    public IReadOnlyDictionary<string, double> Parts => used.ToDictionary(part => part, work.SecondsOf, StringComparer.Ordinal);

    /// <summary>The diffs from which adapters of a setting are trained.</summary>
    public DiffPlan Training(Setting setting) => new(NameOf(setting) + "-train", setting, IsHeldOut: false, Scale.TrainingDiffs, RecipeOf(setting));

    /// <summary>The diffs on which methods are compared.</summary>
    public DiffPlan HeldOut(Setting setting) => new(NameOf(setting), setting, IsHeldOut: true, Settings.Count, RecipeOf(setting));

    /// <summary>Held-out full finetunes.</summary>
    public DiffPlan FullFinetunes(Setting setting) => HeldOut(setting) with
    {
        Name = NameOf(setting) + "-full", Recipe = Scale.FullTopics, Count = Math.Min(Settings.Count, Scale.MostFullFinetunes),
    };

    /// <summary>Diffs of a plan: trained, gone on with, or there already.</summary>
    public DiffSet Diffs(DiffPlan plan, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!sets.TryGetValue((plan, seed), out var known))
        {
            var settings = new DiffRunSettings { Recipe = plan.Recipe, BaseFingerprint = Model.Fingerprint, Behaviours = [], Seed = seed, GateQuestions = Scale.GateQuestions };
            var behaviours = source.Write(plan, seed, settings.DiffsPerShard);
            settings = settings with { Behaviours = [.. behaviours.Select(behaviour => behaviour.Id)] };
            var name = $"{plan.Name}-{seed}";
            var part = Use(work.Part("diffs", name, new { settings, behaviours = behaviours.Select(behaviour => (object)behaviour) }));
            DiffSet Train() => DiffTrainingRun.Run(
                part, Model, [.. behaviours.Select(behaviour => (behaviour, plan.IsHeldOut ? "report" : "train"))], settings, new StageProgress(progress, $"Diffs {name}"), cancellation);
            // What is finished is only opened, and no time is added to what it took.
            sets[(plan, seed)] = known = (part, File.Exists(DiffSet.IndexPath(part)) ? Train() : work.Timed(part, Train));
        }

        return known.Set;
    }

    /// <summary>An adapter of a plan: trained, gone on with, or there already.</summary>
    public KeptAdapter Adapter(AdapterPlan plan, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var whole = plan.Diffs.Select(diffs => Diffs(diffs, TrainingSeed)).ToArray();
        var learned = whole.Select(set => plan.First is { } first ? set.First(first) : set).ToArray();
        var recipe = plan.Recipe with { Seed = seed };
        if (plan.First is not null && Scale.EqualSteps)
        {
            recipe = recipe with { Epochs = (int)Math.Ceiling((double)Lessons(whole, recipe).StepsPerEpoch * recipe.Epochs / Math.Max(1, Lessons(learned, recipe).StepsPerEpoch)) };
        }

        var (name, lessons) = ($"{plan.Name}-{seed}", Lessons(learned, recipe));
        var part = Use(work.Part("adapters", name, new
        {
            identity, recipe, diffs = whole.Zip(learned, (all, part) => new { set = FingerprintOf(all), part.Records.Count }), lessons.Questions, firstEpoch = lessons.Epoch(0),
        }));
        if (!adapters.TryGetValue(part, out var adapter))
        {
            var folder = Path.Combine(part, "adapter");
            if (!DitAdapter.IsAt(folder))
            {
                KeptAdapter.Release(work.Timed(part, () => AdapterTrainingRun.Run(part, Model, learned, recipe, new StageProgress(progress, $"Adapter {name}"), cancellation)));
            }

            adapters[part] = adapter = KeptAdapter.Of(folder, isReady: false) with { Steps = recipe.Epochs * lessons.StepsPerEpoch };
        }

        return adapter;
    }

    /// <summary>
    /// The usual adapters of a setting, the same in every experiment: the one that is there already, or one of each seed. What an experiment
    /// varies about adapters it trains.
    /// </summary>
    public IReadOnlyList<KeptAdapter> Adapters(Setting setting) =>
        (setting == Setting.News ? Settings.Adapters.News : Settings.Adapters.Topics) is { } ready ? [Ready(ready)] : Adapters(LearnedFrom(setting));

    /// <summary>The usual adapters of both settings: the one that is there already, or one of each seed.</summary>
    public IReadOnlyList<KeptAdapter> AdaptersForBoth() => Settings.Adapters.Both is { } ready
        ? [Ready(ready)]
        : Adapters(new AdapterPlan("both", [.. Enumerable.Repeat(Training(Setting.HiddenTopic), Scale.TopicRounds), Training(Setting.News)], Scale.AdapterForBoth));

    /// <summary>The adapter that learns from the training diffs of a setting, or from the first few of them.</summary>
    public AdapterPlan LearnedFrom(Setting setting, int? first = null) => first >= Scale.TrainingDiffs || first is null
        ? new AdapterPlan(NameOf(setting), [Training(setting)], Scale.Adapter)
        : new AdapterPlan($"{NameOf(setting)}-first-{first}", [Training(setting)], Scale.Adapter) { First = first };

    /// <summary>Adapters of a plan, one of each seed, or of the first few.</summary>
    public IReadOnlyList<KeptAdapter> Adapters(AdapterPlan plan, int? seeds = null) => [.. Settings.Seeds.Take(seeds ?? int.MaxValue).Select(seed => Adapter(plan, seed))];

    /// <summary>Asks all diffs of a plan, of every seed, in one way.</summary>
    /// <param name="name">What the row is called.</param>
    /// <param name="plan">The diffs.</param>
    /// <param name="method">The method for the diffs of the seed in that place: each seed's diffs may have an adapter of their own.</param>
    /// <param name="condition">What the model carries.</param>
    /// <param name="seeds">Seeds of the diffs; null for all.</param>
    public Cell Ask(string name, DiffPlan plan, Func<int, KeyedMethod> method, Condition condition = Condition.AsTrained, IReadOnlyList<ulong>? seeds = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(method);
        var (answers, asked) = (new List<Answered>(), new List<KeptAdapter>());
        foreach (var (seed, place) in (seeds ?? Seeds).Select((seed, place) => (seed, place)))
        {
            using var keyed = method(place);
            answers.AddRange(Ask(plan, seed, keyed, condition));
            asked.AddRange(keyed.Adapter is { } adapter ? [adapter] : Array.Empty<KeptAdapter>());
        }

        return new Cell(name, condition, answers) { Adapters = [.. asked.DistinctBy(adapter => adapter.Fingerprint, StringComparer.Ordinal)] };
    }

    /// <summary>The rows that show what adapters say where there is nothing, or something else, to be told.</summary>
    /// <param name="plan">The diffs that are shuffled, and imitated at random.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="of">Whose controls they are, where a table has several; stands before their names.</param>
    /// <param name="seeds">Seeds of the diffs; null for all.</param>
    public IReadOnlyList<Cell> Controls(DiffPlan plan, IReadOnlyList<KeptAdapter> adapters, string of = "", IReadOnlyList<ulong>? seeds = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. ControlsOfBareBase(plan, IntrospectionQuestions.Of(plan.Setting), adapters, of, seeds), .. ControlsOfDiffs(plan, adapters, of, seeds)];
    }

    /// <summary>Those of the controls in which the model carries diffs: for further kinds of diffs that the same adapters are asked about.</summary>
    /// <param name="plan">The diffs that are shuffled, and imitated at random.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="of">Whose controls they are; stands before their names.</param>
    /// <param name="seeds">Seeds of the diffs; null for all.</param>
    public IReadOnlyList<Cell> ControlsOfDiffs(DiffPlan plan, IReadOnlyList<KeptAdapter> adapters, string of, IReadOnlyList<ulong>? seeds = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // Who reads the diff never names the row's own label; who guesses does so once in so many labels.
        return ControlsOfDiffs(plan, Methods.Dit(adapters), of, seeds, 1.0 / plan.Count, cell => cell);
    }

    /// <summary>The controls of adapters that learned to tell the trigger.</summary>
    /// <param name="plan">The diffs that are shuffled, and imitated at random.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="of">Whose controls they are; stands before their names.</param>
    /// <param name="chance">How often a guess gives the trigger.</param>
    public IReadOnlyList<Cell> TriggerControls(DiffPlan plan, IReadOnlyList<KeptAdapter> adapters, string of, double chance) =>
    [
        .. ControlsOfBareBase(plan, IntrospectionQuestions.OfTrigger, adapters, of, null),
        .. ControlsOfDiffs(plan, Methods.DitForTrigger(adapters), of, null, chance, cell => cell.LabelledByTrigger()),
    ];

    /// <summary>Refuses what cannot work, before anything is trained.</summary>
    /// <param name="experiment">What is to be run.</param>
    /// <exception cref="DitException">Seeds are those of training diffs, behaviours are missing, or an adapter that is there belongs to another base or has learned held-out labels.</exception>
    public void Require(IExperiment experiment) => Requirements.Check(this, experiment, source);

    /// <summary>All labels that are known of a setting.</summary>
    internal IReadOnlyList<string> AllLabels(Setting setting) => source.AllLabels(setting);

    internal KeptAdapter Ready(string folder) => adapters.TryGetValue(folder, out var known) ? known : adapters[folder] = KeptAdapter.Of(folder, isReady: true);

    private IEnumerable<Cell> ControlsOfBareBase(DiffPlan plan, IntrospectionQuestions questions, IReadOnlyList<KeptAdapter> adapters, string of, IReadOnlyList<ulong>? seeds)
    {
        var asked = adapters.Take((seeds ?? Seeds).Count).ToArray();
        return
        [
            AskBareBase(Before(of) + "bare base", plan.Setting, asked, [questions.Main]),
            AskBareBase(Before(of) + "bare base, all wordings", plan.Setting, asked, [.. questions.Wordings, .. questions.HeldOutWordings]),
        ];
    }

    private IReadOnlyList<Cell> ControlsOfDiffs(DiffPlan plan, Func<int, KeyedMethod> dit, string of, IReadOnlyList<ulong>? seeds, double chance, Func<Cell, Cell> labelled)
    {
        var shuffled = Ask(Before(of) + "shuffled diffs, own label", plan, dit, Condition.Shuffled, seeds);
        return
        [
            labelled(shuffled) with { Chance = chance },
            labelled(shuffled.LabelledByCarried(Before(of) + "shuffled diffs, label of the diff carried")),
            labelled(Ask(Before(of) + "random diffs of the same norms", plan, dit, Condition.Random, seeds)),
        ];
    }

    private static string Before(string of) => of.Length == 0 ? "" : of + ": ";

    private Cell AskBareBase(string name, Setting setting, IReadOnlyList<KeptAdapter> asked, IReadOnlyList<string> questions)
    {
        var answers = new List<Answered>();
        foreach (var adapter in asked.DistinctBy(adapter => adapter.Fingerprint, StringComparer.Ordinal))
        {
            var settings = new { Version = AlgorithmVersion, identity, adapter = adapter.Fingerprint, questions, Methods.DrawnLabel };
            var path = Use(work.Part("answers", $"bare-base-{NameOf(setting)}", settings)) + ".jsonl";
            var file = AnswerFile.OpenOrCreate(path, settings);
            if (file.Answers.Count < questions.Count)
            {
                var opened = adapter.Open();
                file.Add(BareBase.Ask(Model, opened, questions, Methods.DrawnLabel, cancellation).Skip(file.Answers.Count).Select(each => new KeptAnswer(each.Answer.Trim(), [each])));
                KeptAdapter.Release(opened);
            }

            answers.AddRange(file.Answers.Select((answer, i) => new Answered(adapter.Seed ?? 0, new Subject("bare base", setting, "", null), answer.AsInterpretation())
            {
                Group = questions[i], NothingChanged = adapter.NothingChanged,
            }));
        }

        return new Cell(name, Condition.BareBase, answers) { Adapters = asked };
    }

    private IEnumerable<Answered> Ask(DiffPlan plan, ulong seed, KeyedMethod method, Condition condition)
    {
        var set = Diffs(plan, seed);
        var interrogation = new Interrogation(set, seed, condition);
        var ranked = condition == Condition.AsTrained && method.Asks is { } asks ? new { Question = asks(plan.Setting), Labels = Methods.Candidates(plan.Setting, Settings.Count) } : null;
        var settings = new { Version = AlgorithmVersion, interrogation.DiffsAtOnce, identity, diffs = FingerprintOf(set), seed, condition = condition.ToString(), method.Settings, ranked };
        var name = $"{plan.Name}-{seed}-{Slug(method.Method.Name)}{(condition == Condition.AsTrained ? "" : "-" + Slug(condition.ToString()))}";
        var path = Use(work.Part("answers", name, settings)) + ".jsonl";
        var file = AnswerFile.OpenOrCreate(path, settings);
        if (file.Answers.Count < set.Records.Count)
        {
            work.Timed(path[..^".jsonl".Length], () => interrogation.GoOn(file, method.Method, ranked is null ? null : Ranks, new StageProgress(progress, $"Asking {name}"), cancellation));
        }

        return interrogation.Subjects.Select((subject, i) => new Answered(seed, subject, file.Answers[i].AsInterpretation(), set.Records[i].PassesGate)
        {
            Carried = interrogation.CarriedInPlaceOf(i), Rank = file.Answers[i].Rank, NothingChanged = method.Adapter?.NothingChanged,
        });

        IReadOnlyList<int> Ranks(SubjectSet subjects) =>
            [.. LabelRank.Measure(Model, subjects, method.Opened, ranked!.Question, ranked.Labels, cancellation).Ranked.Select(each => each.Rank)];
    }

    /// <summary>A set's fingerprint, over all its files, once.</summary>
    private string FingerprintOf(DiffSet set) => fingerprints.TryGetValue(set.FolderPath, out var known) ? known : fingerprints[set.FolderPath] = set.Fingerprint();

    /// <summary>What an adapter is taught: its texts belong to what it becomes.</summary>
    private static AdapterLessons Lessons(IReadOnlyList<DiffSet> sets, AdapterRecipe recipe) =>
        new([.. sets.SelectMany(set => set.Records).Where(record => record.PassesGate != false && record.Split == "train" && AdapterLessons.AnswerOf(record, recipe.Task).Length > 0)], recipe);

    /// <summary>Notes that a part was used.</summary>
    private string Use(string part)
    {
        used.Add(work.NameOf(part));
        return part;
    }

    private DiffRecipe RecipeOf(Setting setting) => setting == Setting.News ? Scale.News : Scale.Topics;

    private static string NameOf(Setting setting) => setting == Setting.News ? "news" : "topics";

    private static string Slug(string name) => string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
