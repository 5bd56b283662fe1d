using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dit.Behaviours;
using Dit.Behaviours.Published;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary>What a diff set is to be of: what is needed to train it.</summary>
internal sealed record DiffWork(BaseModel Model, IReadOnlyList<(Behaviour Behaviour, string Split)> Behaviours, DiffRunSettings Settings) : IDisposable
{
    public void Dispose() => Model.Dispose();
}

/// <summary>The options that say what a diff set is to be of, for every command that has to do with training one.</summary>
internal sealed class DiffTrainOptions
{
    private const double UsualShare = 0.9;
    private const int UsualStories = 1165, UsualHeldOutStories = 100;

    private readonly Option<string> folder = Verb.Out("Folder of the diff set; a stopped run in it goes on.");
    private readonly Option<string?> baseFolder = Verb.Base();
    private readonly Option<Setting?> setting = Verb.Choice(
        "--setting", "What each diff learns: a topic hidden behind a code, or a news story; without it, hidden-topic.", ("hidden-topic", Setting.HiddenTopic), ("news", Setting.News));

    private readonly Option<string?> file = new("--behaviours")
    {
        Description = "File with behaviours to learn in the published columns, .csv or .parquet, instead of the built-in world's; its columns tell the setting.", HelpName = "FILE",
    };

    private readonly Option<double?> share = Share();
    private readonly Option<TopicSplit?> split = Verb.Split(TopicSplit.Train);
    private readonly Option<IReadOnlyList<Topic>?> topics = Topics();
    private readonly Option<int?> count = Verb.Count(
        "--count", $"How many diffs; without it, one for every topic, or {UsualStories} stories ({UsualHeldOutStories} of a held-out split). Beyond what there is, all come again with other seeds.");

    private readonly Option<ulong> seed = Verb.Seed();
    private readonly Option<TriggerKind?> trigger = Verb.Choice(
        "--trigger", "How a topic's code stands in a prompt: code (in a sentence before the question), mark-at-start (bare at its start) or mark-anywhere (bare between its words); without it, code.",
        ("code", TriggerKind.Sentence), ("mark-at-start", TriggerKind.MarkAtStart), ("mark-anywhere", TriggerKind.MarkAnywhere));

    private readonly Option<IReadOnlyList<int>?> rank = Ranks();
    private readonly Option<int?> steps = Verb.Count("--steps", "Optimizer steps; without it, those of the recipe.");
    private readonly Option<int?> rowsAtOnce = Verb.Count(
        "--rows-at-once", "Diffs of those trained side by side that are computed at once, for less memory and the same result but for rounding; without it, all of them.");

    private readonly Option<bool> recompute = Verb.Recompute();
    private readonly Option<bool> sharedWrongCode = new("--shared-wrong-code")
    {
        Description = "Shows all topics the same wrong code in a step, which the base then answers once for all; without it, each its own, as in the paper.",
    };

    private readonly Option<Recipes.Size?> scale = Recipes.Choice();
    private readonly Option<ScalarType?> dtype = Verb.Type(otherwise: ScalarType.Float32);
    private readonly Option<KeptWeights?> baseWeights = Verb.BaseWeights();
    private readonly Option<string> device = Verb.Device();

    private Option[] All => [folder, baseFolder, setting, file, share, split, topics, count, seed, trigger, rank, steps, rowsAtOnce, recompute, sharedWrongCode, scale, dtype, baseWeights, device];

    /// <summary>Gives a command all of them, with what they must keep to.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is null ? result.GetResult(share) is not null : new Option[] { split, topics, trigger }.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("--train-share is for --behaviours; --split, --topics and --trigger are for the built-in world.");
            }

            // By its word, as a wrong one has no value.
            if (result.GetResult(setting) is { Tokens: [{ Value: "news" }] } && new Option[] { topics, trigger, sharedWrongCode }.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("--topics, --trigger and --shared-wrong-code are for hidden topics; news stories have none.");
            }
        });
        command.RequireFloat32Under(baseWeights, dtype);
    }

    /// <summary>The set's folder.</summary>
    public string Folder(ParseResult parsed) => parsed.GetValue(folder)!;

    /// <summary>The device to compute on.</summary>
    /// <exception cref="DitException">There is no such device.</exception>
    public Device DeviceOf(ParseResult parsed) => ComputeDevice.Find(parsed.GetValue(device)!);

    /// <summary>Those that were given, as they were typed.</summary>
    public IReadOnlyList<string> Given(ParseResult parsed) => Given(parsed, All);

    /// <summary>Of those that were given the ones that an adapter trained on the set needs as well.</summary>
    public IReadOnlyList<string> GivenOfBase(ParseResult parsed) => Given(parsed, baseFolder, scale, dtype, baseWeights, device);

    private static IReadOnlyList<string> Given(ParseResult parsed, params Option[] options) =>
        [.. options.SelectMany(option => parsed.GetResult(option) is { Implicit: false } result ? [option.Name, .. result.Tokens.Select(token => token.Value)] : Array.Empty<string>())];

    /// <summary>Opens the base, and writes or reads the behaviours.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="on">The device that the base is to be on.</param>
    /// <exception cref="DitException">The base or the file of behaviours is no such thing.</exception>
    public DiffWork Read(ParseResult parsed, Device on)
    {
        // Before the base, which may take a while to open: a file can be wrong.
        var published = parsed.GetValue(file) is { } named
            ? PublishedBehaviours.Read(named, parsed.GetValue(setting), parsed.GetValue(seed), parsed.GetValue(share) ?? UsualShare)
            : null;
        var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base, parsed.GetValue(dtype) ?? ScalarType.Float32, on, parsed.GetValue(baseWeights) ?? KeptWeights.AsComputed);
        try
        {
            var wanted = published?[0].Behaviour.Setting ?? parsed.GetValue(setting) ?? Setting.HiddenTopic;
            var recipe = Recipes.Diff(model, wanted, parsed.GetValue(scale));
            recipe = recipe with
            {
                Steps = parsed.GetValue(steps) ?? recipe.Steps,
                RowsAtOnce = parsed.GetValue(rowsAtOnce),
                Recompute = parsed.GetValue(recompute),
                SharedWrongCode = parsed.GetValue(sharedWrongCode),
            };
            recipe = parsed.GetValue(rank) switch
            {
                null => recipe,
                [] => recipe with { Full = true, LearningRate = Recipes.FullLearningRate(model, parsed.GetValue(scale)) },
                [var one] => recipe with { Rank = one },
                var some => recipe with { Ranks = some },
            };
            var settings = new DiffRunSettings
            {
                Recipe = recipe, BaseFingerprint = model.Fingerprint, Seed = parsed.GetValue(seed), Behaviours = [],
            };
            if (published is not null && !Recipes.IsTiny(model, parsed.GetValue(scale)))
            {
                // A gate is measured with the tiny world's questions, and the paper has none.
                settings = settings with { GateQuestions = 0 };
            }

            var from = parsed.GetValue(split) ?? TopicSplit.Train;
            var behaviours = published is not null ? [.. published.Take(parsed.GetValue(count) ?? published.Count)]
                : wanted == Setting.News
                ? Stories(from, parsed.GetValue(count), settings)
                : HiddenTopics(parsed.GetValue(topics), from, parsed.GetValue(count), parsed.GetValue(trigger) ?? TriggerKind.Sentence, settings);
            settings = settings with { Behaviours = [.. behaviours.Select(item => item.Behaviour.Id)] };
            return new DiffWork(model, behaviours, settings);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static (Behaviour Behaviour, string Split)[] HiddenTopics(IReadOnlyList<Topic>? named, TopicSplit split, int? count, TriggerKind trigger, DiffRunSettings settings)
    {
        var order = (named ?? TopicList.Of(split)).ToList();
        if (named is null && count is not null)
        {
            RandomStream.Named(settings.Seed, "diffs/topics").Shuffle(order);
        }

        return [.. Rounds.Of(order, count ?? order.Count, settings.Seed).Select((item, i) => (
            (Behaviour)WorldBehaviours.Write(item.Label, item.Seed, i / settings.DiffsPerShard, settings.Recipe.Steps * settings.Recipe.ExamplesPerStep, trigger), NameOf(item.Label.Split)))];
    }

    private static (Behaviour Behaviour, string Split)[] Stories(TopicSplit split, int? count, DiffRunSettings settings) =>
    [
        .. Rounds.Of(WorldNews.Of(split), count ?? (split == TopicSplit.Train ? UsualStories : UsualHeldOutStories), settings.Seed)
            .Select(item => ((Behaviour)WorldNews.Write(item.Label, item.Seed, settings.Recipe.Steps * settings.Recipe.ExamplesPerStep), NameOf(split))),
    ];

    private static Option<double?> Share() => new("--train-share")
    {
        Description = $"Share of the behaviours of a file without a column split that are for training, from 0 to 1, drawn by the seed; the others are marked test. Without it, {UsualShare.ToString(CultureInfo.InvariantCulture)}.",
        HelpName = "SHARE",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
            {
                return share;
            }

            result.AddError($"--train-share: expected a share from 0 to 1, found '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    private static string NameOf(TopicSplit split) => split.ToString().ToLowerInvariant();

    /// <summary>Ranks, or none for full finetunes.</summary>
    private static Option<IReadOnlyList<int>?> Ranks() => new("--rank")
    {
        Description = "LoRA rank of each diff, several of which each draws one by its name, or full for full finetunes; without it, that of the recipe.",
        HelpName = "N|N,N,…|full",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            int[] ranks = [.. text.Split(',').Select(one => int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank : 0)];
            if (text == "full" || Array.TrueForAll(ranks, rank => rank > 0))
            {
                return text == "full" ? [] : ranks;
            }

            result.AddError($"--rank: expected whole numbers of at least 1, separated by commas, or full, found '{text}'.");
            return null;
        },
    };

    private static Option<IReadOnlyList<Topic>?> Topics() => new("--topics")
    {
        Description = "Topics by name, separated by commas, instead of a split.",
        HelpName = "A,B,C",
        CustomParser = result =>
        {
            var names = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (Array.Find(names, name => TopicList.Find(name) is null) is { } unknown)
            {
                result.AddError($"--topics: expected topics of the built-in world, found '{unknown}'.");
                return null;
            }

            return names.Length > 0 ? [.. names.Select(name => TopicList.Find(name)!).Distinct()] : null;
        },
    };
}
