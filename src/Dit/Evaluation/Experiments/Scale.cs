using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>How large experiments are: the paper's, or small enough for a tiny base on a small machine.</summary>
public sealed record Scale
{
    /// <summary>What it is called on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>How diffs with hidden topics are trained.</summary>
    public required DiffRecipe Topics { get; init; }

    /// <summary>How diffs with news are trained.</summary>
    public required DiffRecipe News { get; init; }

    /// <summary>How adapters are trained.</summary>
    public required AdapterRecipe Adapter { get; init; }

    /// <summary>How an adapter for both settings is trained.</summary>
    public required AdapterRecipe AdapterForBoth { get; init; }

    /// <summary>How often an adapter for both settings meets each diff with a topic while it meets each one with news once.</summary>
    public int TopicRounds { get; init; } = 1;

    /// <summary>Diffs of one kind from which an adapter is trained.</summary>
    public required int TrainingDiffs { get; init; }

    /// <summary>Numbers of training diffs that are compared, from few to all.</summary>
    public required IReadOnlyList<int> DataSizes { get; init; }

    /// <summary>Ranks of diffs that are compared.</summary>
    public IReadOnlyList<int> DiffRanks { get; init; } = [1, 2, 4, 8, 16, 32, 64];

    /// <summary>How full finetunes are trained on hidden topics.</summary>
    public required DiffRecipe FullTopics { get; init; }

    /// <summary>How many full finetunes at most: each is kept as pairs of factors, larger than the base's layers by about a half.</summary>
    public required int MostFullFinetunes { get; init; }

    /// <summary>Questions of each kind by which a diff's gate is measured; 0 for none: they are the tiny world's, and the paper drops no diff.</summary>
    public int GateQuestions { get; init; } = 10;

    /// <summary>Ranks of adapters that are compared.</summary>
    public IReadOnlyList<int> AdapterRanks { get; init; } = [1, 2, 4, 8, 16, 32, 64, 128];

    /// <summary>
    /// Whether adapters that learn from the first few diffs go over them more often, so that all points of the curve take as many steps (but
    /// for the rest of a last pass) and it is the number of diffs that is compared; else every adapter goes over its diffs equally often.
    /// </summary>
    public required bool EqualSteps { get; init; }

    /// <summary>How many of the seeds are used where everything must be trained anew for each point of a curve.</summary>
    public required int SeedsOfSweeps { get; init; }

    /// <summary>The shipped tiny base on two cores: all experiments together within three hours.</summary>
    public static Scale Tiny { get; } = new()
    {
        Name = "tiny",
        Topics = DiffRecipe.Tiny,
        News = DiffRecipe.TinyNews,
        FullTopics = DiffRecipe.TinyFull,
        MostFullFinetunes = 48,
        Adapter = AdapterRecipe.Tiny,
        AdapterForBoth = AdapterRecipe.TinyBoth,
        TopicRounds = 2,
        TrainingDiffs = 1165,
        DataSizes = [4, 9, 18, 36, 72, 145, 291, 582, 1165],
        EqualSteps = true,
        SeedsOfSweeps = 1,
    };

    /// <summary>The paper's sizes and recipes.</summary>
    public static Scale Paper { get; } = new()
    {
        Name = "paper",
        Topics = new DiffRecipe(),
        News = DiffRecipe.PaperNews,
        FullTopics = DiffRecipe.PaperFull,
        MostFullFinetunes = 100,
        GateQuestions = 0,
        Adapter = new AdapterRecipe(),
        AdapterForBoth = new AdapterRecipe(),
        TrainingDiffs = 4660,
        DataSizes = [4, 9, 18, 36, 72, 145, 291, 582, 1165, 2330, 4660],
        EqualSteps = false,
        SeedsOfSweeps = 1,
    };
}
