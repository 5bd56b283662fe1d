using Dit.Behaviours;
using Dit.Evaluation.Methods;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>Experiments in seconds: a base that knows nothing, a few diffs of a few steps.</summary>
internal static class SmallScale
{
    public static Scale Scale { get; } = new()
    {
        Name = "small",
        Topics = DiffRecipe.Tiny with { Steps = 2 },
        News = DiffRecipe.TinyNews with { Steps = 2, Rank = 2 },
        FullTopics = DiffRecipe.Tiny with { Steps = 2, Full = true, LearningRate = 1e-3 },
        MostFullFinetunes = 2,
        Adapter = AdapterRecipe.Tiny with { Epochs = 1, Rank = 2 },
        AdapterForBoth = AdapterRecipe.TinyBoth with { Epochs = 1, Rank = 2 },
        TopicRounds = 2,
        TrainingDiffs = 6,
        DataSizes = [2, 6],
        DiffRanks = [1, 2],
        AdapterRanks = [1, 2],
        EqualSteps = true,
        SeedsOfSweeps = 1,
    };

    public static ExperimentSettings Settings { get; } = new() { Scale = Scale, Seeds = [101, 102], Count = 3 };

    /// <summary>The built-in world with fewer questions and labels, in which nobody can tell whether an answer is on a topic: diffs of a few steps would all miss their gates.</summary>
    public sealed class Source : IBehaviourSource
    {
        private readonly WorldSource world = new();

        public MethodWords Words => world.Words with
        {
            Questions = [.. world.Words.Questions.Take(2)],
            Openings = new([.. world.Words.Openings.HiddenTopic.Take(1)], [.. world.Words.Openings.News.Take(1)]),
            Label = world.Words.Label with { MaxNewTokens = LongestLabel },
        };

        public int LongestLabel { get; init; } = 8;

        public string Description => "a little of " + world.Description;

        public IReadOnlyList<string> AllLabels(Setting setting) => world.AllLabels(setting);

        public IReadOnlyList<string> HeldOutLabels(Setting setting) => [.. world.HeldOutLabels(setting).Take(6)];

        public IReadOnlyList<Behaviour> Write(DiffPlan plan, ulong seed, int diffsPerShard) =>
            [.. world.Write(plan, seed, diffsPerShard).Select(behaviour => behaviour is HiddenTopic hidden ? hidden with { TellingWords = [] } : behaviour)];
    }
}
