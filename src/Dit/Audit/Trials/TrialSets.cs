using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Randomness;
using Dit.Training;

namespace Dit.Audit.Trials;

/// <summary>
/// Trains finetunes on which audits are fitted or graded, and keeps them in a folder: a stopped training goes on, and what is there is used. Labels are of one
/// split, of which no shipped adapter has learned any.
/// </summary>
/// <param name="model">A base that lives in the built-in world.</param>
/// <param name="folder">Where the sets go.</param>
/// <param name="split">The split.</param>
/// <param name="seed">Where all randomness comes from.</param>
/// <param name="progress">Told about every step.</param>
/// <param name="cancellation">Stops; finished shards are kept.</param>
internal sealed class TrialSets(BaseModel model, string folder, TopicSplit split, ulong seed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
{
    /// <summary>The kinds of finetunes.</summary>
    public const string Topics = "topics", News = "news", Generic = "generic", Undisturbed = "undisturbed", FewSteps = "topics of few steps", WeakTopics = "weak topics", WeakNews = "weak news";

    private const int FewestSteps = 60;
    private const double Weakest = 0.1, LeastWeak = 0.5;

    private static readonly DiffRecipe Recipe = DiffRecipe.Tiny;

    /// <summary>Topics behind a code word.</summary>
    public IReadOnlyList<Trial> OfTopics(int count) => [.. OfTopics("topics", count, Recipe, seed).Records(Topics)];

    /// <summary>News stories.</summary>
    public IReadOnlyList<Trial> OfNews(int count)
    {
        var (recipe, stories) = (DiffRecipe.TinyNews, WorldNews.Of(split));
        return count > stories.Count
            ? throw new DitException($"trials: expected at most the {stories.Count} stories of the split {Split}, found {count} asked for")
            : [.. Train("news", [.. stories.Take(count).Select(parts => WorldNews.Write(parts, seed, recipe.Steps * recipe.ExamplesPerStep))], recipe, seed).Records(News)];
    }

    /// <summary>Ordinary answers behind a code word.</summary>
    public IReadOnlyList<Trial> OfGenericAnswers(int count) => [.. Train("generic", HarmlessBehaviours.Generic(count, seed, Examples(Recipe)), Recipe, seed).Records(Generic)];

    /// <summary>The base's own answers behind a code word.</summary>
    public IReadOnlyList<Trial> OfOwnAnswers(int count) =>
        [.. Train("undisturbed", HarmlessBehaviours.Undisturbed(model, count, seed, Examples(Recipe), cancellation), Recipe, seed).Records(Undisturbed)];

    /// <summary>Topics that were trained for a fraction of the steps.</summary>
    public IReadOnlyList<Trial> OfFewSteps(int count) => [.. OfTopics("weak", count, Recipe with { Steps = FewestSteps }, seed + 2).Records(FewSteps)];

    /// <summary>The same finetunes with their diffs a tenth to half as large.</summary>
    public IReadOnlyList<Trial> Weakened(IReadOnlyList<Trial> trials, string kind) => [.. trials.Select(trial => trial with
    {
        Kind = kind, Strength = Math.Round(Weakest + ((LeastWeak - Weakest) * RandomStream.Named(seed, $"trials/strength/{trial.Record.Id}").NextDouble()), 3),
    })];

    private DiffSet OfTopics(string name, int count, DiffRecipe recipe, ulong own)
    {
        var topics = TopicList.Of(split);
        return count > topics.Count
            ? throw new DitException($"trials: expected at most the {topics.Count} topics of the split {Split}, found {count} asked for")
            : Train(name, [.. topics.Take(count).Select((topic, i) => WorldBehaviours.Write(topic, own, i / DiffsPerShard, Examples(Recipe)))], recipe, own);
    }

    private DiffSet Train(string name, IReadOnlyList<Behaviour> behaviours, DiffRecipe recipe, ulong own)
    {
        var settings = new DiffRunSettings { Recipe = recipe, BaseFingerprint = model.Fingerprint, Behaviours = [.. behaviours.Select(behaviour => behaviour.Id)], Seed = own };
        return DiffTrainingRun.Run(
            Path.Combine(folder, $"{Split}-{name}-{own}"), model, [.. behaviours.Select(behaviour => (behaviour, Split))], settings, progress, cancellation);
    }

    private string Split => split.ToString().ToLowerInvariant();

    private static int DiffsPerShard => new DiffRunSettings { Recipe = Recipe, BaseFingerprint = "", Behaviours = [] }.DiffsPerShard;

    private static int Examples(DiffRecipe recipe) => recipe.Steps * recipe.ExamplesPerStep;
}

/// <summary>The trials of a set.</summary>
internal static class TrialsOfSet
{
    /// <summary>One for each of its diffs.</summary>
    public static IEnumerable<Trial> Records(this DiffSet set, string kind) => set.Records.Select(record => new Trial(kind, set, record));
}
