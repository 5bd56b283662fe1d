using Dit.Behaviours;
using Dit.Diffs;
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

    private readonly IBehaviourSource source;
    private readonly WorkFolder work;
    private readonly IProgress<TrainingProgress>? progress;
    private readonly CancellationToken cancellation;
    private readonly Dictionary<string, DiffSet> sets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DitAdapter> adapters = new(StringComparer.Ordinal);
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
    public IReadOnlyDictionary<string, double> Parts
    {
        get
        {
            var seconds = work.Seconds();
            return used.ToDictionary(part => part, part => seconds.GetValueOrDefault(part), StringComparer.Ordinal);
        }
    }

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
        var settings = new DiffRunSettings { Recipe = plan.Recipe, BaseFingerprint = Model.Fingerprint, Behaviours = [], Seed = seed, GateQuestions = Scale.GateQuestions };
        var behaviours = source.Write(plan, seed, settings.DiffsPerShard);
        settings = settings with { Behaviours = [.. behaviours.Select(behaviour => behaviour.Id)] };
        var name = $"{plan.Name}-{seed}";
        var part = Use(work.Part("diffs", name, new { settings, behaviours = behaviours.Select(behaviour => (object)behaviour) }));
        if (!sets.TryGetValue(part, out var set))
        {
            set = work.Timed(part, () => DiffTrainingRun.Run(
                part, Model, [.. behaviours.Select(behaviour => (behaviour, plan.IsHeldOut ? "report" : "train"))], settings, new StageProgress(progress, $"Diffs {name}"), cancellation));
            sets[part] = set;
        }

        return set;
    }

    /// <summary>An adapter of a plan: trained, gone on with, or there already.</summary>
    public DitAdapter Adapter(AdapterPlan plan, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var learned = plan.Diffs.Select(diffs => Diffs(diffs, TrainingSeed)).Select(set => plan.First is { } first ? set.First(first) : set).ToArray();
        var recipe = WithEnoughSteps(plan.Recipe, learned.Sum(set => set.Records.Count)) with { Seed = seed };
        var name = $"{plan.Name}-{seed}";
        var part = Use(work.Part("adapters", name, new { Model.Fingerprint, recipe, diffs = learned.Select(set => new { set = set.Fingerprint(), set.Records.Count }) }));
        if (!adapters.TryGetValue(part, out var adapter))
        {
            var folder = Path.Combine(part, "adapter");
            if (!DitAdapter.IsAt(folder))
            {
                work.Timed(part, () => AdapterTrainingRun.Run(part, Model, learned, recipe, new StageProgress(progress, $"Adapter {name}"), cancellation));
            }

            adapters[part] = adapter = DitAdapter.Read(folder);
        }

        return adapter;
    }

    /// <summary>Adapters of a setting: the one that is there already, or one of each seed.</summary>
    public IReadOnlyList<DitAdapter> Adapters(Setting setting) => (setting == Setting.News ? Settings.Adapters.News : Settings.Adapters.Topics) is { } ready
        ? [DitAdapter.Read(ready)]
        : Adapters(LearnedFrom(setting));

    /// <summary>Adapters of both settings: the one that is there already, or one of each seed.</summary>
    public IReadOnlyList<DitAdapter> AdaptersForBoth() => Settings.Adapters.Both is { } ready
        ? [DitAdapter.Read(ready)]
        : Adapters(new AdapterPlan("both", [Training(Setting.HiddenTopic), Training(Setting.News)], Scale.Adapter));

    /// <summary>The adapter that learns from the training diffs of a setting, or from the first few of them.</summary>
    public AdapterPlan LearnedFrom(Setting setting, int? first = null) => first >= Scale.TrainingDiffs || first is null
        ? new AdapterPlan(NameOf(setting), [Training(setting)], Scale.Adapter)
        : new AdapterPlan($"{NameOf(setting)}-first-{first}", [Training(setting)], Scale.Adapter) { First = first };

    /// <summary>Adapters of a plan, one of each seed, or of the first few.</summary>
    public IReadOnlyList<DitAdapter> Adapters(AdapterPlan plan, int? seeds = null) => [.. Settings.Seeds.Take(seeds ?? int.MaxValue).Select(seed => Adapter(plan, seed))];

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
        var answers = new List<Answered>();
        foreach (var (seed, place) in (seeds ?? Seeds).Select((seed, place) => (seed, place)))
        {
            var set = Diffs(plan, seed);
            answers.AddRange(Ask(set, $"{plan.Name}-{seed}", seed, method(place), condition));
        }

        return new Cell(name, condition, answers);
    }

    /// <summary>The rows that show what adapters say where there is nothing of the kind to be told.</summary>
    public IReadOnlyList<Cell> Controls(DiffPlan plan, IReadOnlyList<DitAdapter> adapters) =>
    [
        Ask("bare base", plan, Methods.DitInAllWordings(plan.Setting, adapters), Condition.BareBase),
        Ask("diffs shuffled across rows", plan, Methods.Dit(adapters), Condition.Shuffled) with { Chance = 1.0 / plan.Count },
        Ask("random diffs of the same norms", plan, Methods.Dit(adapters), Condition.Random),
    ];

    private IEnumerable<Answered> Ask(DiffSet set, string diffs, ulong seed, KeyedMethod method, Condition condition)
    {
        var interrogation = new Interrogation(set, seed, condition);
        var settings = new { interrogation.DiffsAtOnce, Model.Fingerprint, diffs = set.Fingerprint(), seed, condition = condition.ToString(), method = method.Method.Name, method.Settings };
        var name = $"{diffs}-{Slug(method.Method.Name)}{(condition == Condition.AsTrained ? "" : "-" + Slug(condition.ToString()))}";
        var path = Use(work.Part("answers", name, settings)) + ".jsonl";
        var file = AnswerFile.OpenOrCreate(path, settings);
        if (file.Answers.Count < set.Records.Count)
        {
            work.Timed(path[..^".jsonl".Length], () => interrogation.GoOn(file, method.Method, new StageProgress(progress, $"Asking {name}"), cancellation));
        }

        return interrogation.Subjects.Select((subject, i) => new Answered(seed, subject, file.Answers[i], set.Records[i].PassesGate));
    }

    /// <summary>Notes that a part was used.</summary>
    private string Use(string part)
    {
        used.Add(work.NameOf(part));
        return part;
    }

    private AdapterRecipe WithEnoughSteps(AdapterRecipe recipe, int diffs)
    {
        var epochs = (int)Math.Ceiling((double)Scale.FewestAdapterSteps * recipe.BatchSize * (1 - recipe.UndisturbedShare) / diffs);
        return recipe with { Epochs = Math.Max(recipe.Epochs, epochs) };
    }

    private DiffRecipe RecipeOf(Setting setting) => setting == Setting.News ? Scale.News : Scale.Topics;

    private static string NameOf(Setting setting) => setting == Setting.News ? "news" : "topics";

    private static string Slug(string name) => string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
