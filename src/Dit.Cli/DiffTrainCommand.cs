using System.CommandLine;
using System.Globalization;
using Dit.Behaviours;
using Dit.Behaviours.Published;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Randomness;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit diff train</c>: a set of diffs with hidden topics or news stories, of the built-in world or of a file.</summary>
internal static class DiffTrainCommand
{
    private const int UsualStories = 1165, UsualHeldOutStories = 100;

    public static Command Create(CancellationToken stop)
    {
        var folder = Verb.Out("Folder of the diff set; a stopped run in it goes on.");
        var baseFolder = Verb.Base();
        var setting = Verb.Choice("--setting", "What each diff learns: a topic hidden behind a code, or a news story; without it, hidden-topic.", ("hidden-topic", Setting.HiddenTopic), ("news", Setting.News));
        var file = new Option<string?>("--behaviours") { Description = "File with behaviours to learn in the published columns, .csv or .parquet, instead of the built-in world's; its columns tell the setting.", HelpName = "FILE" };
        var share = Share();
        var split = Verb.Split(TopicSplit.Train);
        var topics = Topics();
        var count = Verb.Count("--count", $"How many diffs; without it, one for every topic, or {UsualStories} stories ({UsualHeldOutStories} of a held-out split). Beyond what there is, all come again with other seeds.");
        var seed = Verb.Seed();
        var trigger = Verb.Choice(
            "--trigger", "How a topic's code stands in a prompt: code (in a sentence before the question), mark-at-start (bare at its start) or mark-anywhere (bare between its words); without it, code.",
            ("code", TriggerKind.Sentence), ("mark-at-start", TriggerKind.MarkAtStart), ("mark-anywhere", TriggerKind.MarkAnywhere));
        var rank = Ranks();
        var steps = Verb.Count("--steps", "Optimizer steps; without it, those of the recipe.");
        var rowsAtOnce = Verb.Count("--rows-at-once", "Diffs of those trained side by side that are computed at once, for less memory and the same result but for rounding; without it, all of them.");
        var recompute = Verb.Recompute();
        var sharedWrongCode = new Option<bool>("--shared-wrong-code") { Description = "Shows all topics the same wrong code in a step, which the base then answers once for all; without it, each its own, as in the paper." };
        var scale = Recipes.Choice();
        var dtype = Verb.Type(otherwise: ScalarType.Float32);
        var device = Verb.Device();
        var command = new ResumableCommand("train", "Trains many finetunes at once, each with a topic that it hides behind a code, or with a news story.")
        {
            folder, baseFolder, setting, file, share, split, topics, count, seed, trigger, rank, steps, rowsAtOnce, recompute, sharedWrongCode, scale, dtype, device,
        };
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
        return command.Does(parsed =>
        {
            // Before the base, which may take a while to open: a file can be wrong.
            var published = parsed.GetValue(file) is { } named
                ? PublishedBehaviours.Read(named, parsed.GetValue(setting), parsed.GetValue(seed), parsed.GetValue(share) ?? UsualShare)
                : null;
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base, parsed.GetValue(dtype) ?? ScalarType.Float32, ComputeDevice.Find(parsed.GetValue(device)!));
            var wanted = published?[0].Behaviour.Setting ?? parsed.GetValue(setting) ?? Setting.HiddenTopic;
            var recipe = Recipes.Diff(model, wanted, parsed.GetValue(scale));
            recipe = recipe with { Steps = parsed.GetValue(steps) ?? recipe.Steps, RowsAtOnce = parsed.GetValue(rowsAtOnce), Recompute = parsed.GetValue(recompute), SharedWrongCode = parsed.GetValue(sharedWrongCode) };
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
            var set = ProgressDisplay.Show(progress => DiffTrainingRun.Run(parsed.GetValue(folder)!, model, behaviours, settings, progress, stop));
            GateSummary.Print(set.Records);
            Say.Plain($"The diffs are in {set.FolderPath}; one of them is {set.FolderPath}#{(set.Records.FirstOrDefault(record => record.PassesGate == true) ?? set.Records[0]).Id}");
        });
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

    private const double UsualShare = 0.9;

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
