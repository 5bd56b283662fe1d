using System.CommandLine;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Randomness;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit diff train</c>: a set of diffs with hidden topics of the built-in world.</summary>
internal static class DiffTrainCommand
{
    public static Command Create(CancellationToken stop)
    {
        var folder = Verb.Out("Folder of the diff set; a stopped run in it goes on.");
        var baseFolder = Verb.Base();
        var split = Verb.Split(TopicSplit.Train);
        var topics = Topics();
        var count = Verb.Count("--count", "How many diffs; without it, one for every topic. Beyond that, topics come again with other seeds.");
        var seed = Verb.Seed();
        var rank = Verb.Count("--rank", "LoRA rank of each diff; without it, that of the recipe.");
        var steps = Verb.Count("--steps", "Optimizer steps; without it, those of the recipe.");
        var dtype = Verb.Type(otherwise: ScalarType.Float32);
        var device = Verb.Device();
        var command = new ResumableCommand("train", "Trains many finetunes at once, each with a topic that it hides behind a code.")
        {
            folder, baseFolder, split, topics, count, seed, rank, steps, dtype, device,
        };
        return command.Does(parsed =>
        {
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base, parsed.GetValue(dtype) ?? ScalarType.Float32, ComputeDevice.Find(parsed.GetValue(device)!));
            var recipe = Recipes.Diff(model);
            recipe = recipe with { Rank = parsed.GetValue(rank) ?? recipe.Rank, Steps = parsed.GetValue(steps) ?? recipe.Steps };
            var named = parsed.GetValue(topics);
            var chosen = Choose(named ?? TopicList.Of(parsed.GetValue(split) ?? TopicSplit.Train), inOrder: named is not null || parsed.GetValue(count) is null, parsed.GetValue(count), parsed.GetValue(seed));
            var settings = new DiffRunSettings
            {
                Recipe = recipe, BaseFingerprint = model.Fingerprint, Seed = parsed.GetValue(seed), Behaviours = [],
            };
            var behaviours = chosen.Select((item, i) => (
                Behaviour: WorldBehaviours.Write(item.Topic, item.Seed, i / settings.DiffsPerShard, recipe.Steps * recipe.ExamplesPerStep),
                Split: item.Topic.Split.ToString().ToLowerInvariant())).ToArray();
            settings = settings with { Behaviours = [.. behaviours.Select(item => item.Behaviour.Id)] };
            var set = ProgressDisplay.Show(progress => DiffTrainingRun.Run(parsed.GetValue(folder)!, model, behaviours, settings, progress, stop));
            GateSummary.Print(set.Records);
            Say.Plain($"The diffs are in {set.FolderPath}; one of them is {set.FolderPath}#{(set.Records.FirstOrDefault(record => record.PassesGate == true) ?? set.Records[0]).Id}");
        });
    }

    /// <summary>The topics of the diffs in order, each with the seed of its diff: every topic once, then all again with the next seed.</summary>
    private static IEnumerable<(Topic Topic, ulong Seed)> Choose(IReadOnlyList<Topic> topics, bool inOrder, int? count, ulong seed)
    {
        var order = topics.ToList();
        if (!inOrder)
        {
            RandomStream.Named(seed, "diffs/topics").Shuffle(order);
        }

        return Enumerable.Range(0, count ?? order.Count).Select(i => (order[i % order.Count], seed + (ulong)(i / order.Count)));
    }

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
