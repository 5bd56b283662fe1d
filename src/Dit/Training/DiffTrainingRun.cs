using System.Security.Cryptography;
using System.Text.Json;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Readiness;

namespace Dit.Training;

/// <summary>Everything that decides what a diff set becomes.</summary>
public sealed record DiffRunSettings
{
    /// <summary>How each diff is trained.</summary>
    public required DiffRecipe Recipe { get; init; }

    /// <summary>Fingerprint of the base model.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Ids of the behaviours, in order.</summary>
    public required IReadOnlyList<string> Behaviours { get; init; }

    /// <summary>
    /// Diffs trained side by side and stored in one shard, at most: of large ones only as many as 8 GB hold with all that training keeps of
    /// them. The last bits of a diff depend on how many are beside it, so this follows from the sizes of base and diff, not from the machine.
    /// </summary>
    public int DiffsPerShard { get; init; } = 24;

    /// <summary>What the diffs trained side by side may take. A test's own, else always the same, as it decides about last bits; so it is no setting of a run.</summary>
    internal double MostBytes { get; init; } = DiffMemory.MostBytesInTraining;

    /// <summary>Tells these behaviours from others of the same ids; filled in by the run itself.</summary>
    public string? Content { get; init; }

    /// <summary>Questions of each kind by which a gate is measured; 0 measures none.</summary>
    public int GateQuestions { get; init; } = 10;

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Trains a diff set shard by shard. A shard is written whole or not at all, and what it becomes depends on nothing but its own
/// behaviours, so a run that was killed goes on with the next missing shard and ends with the same bits.
/// </summary>
public static class DiffTrainingRun
{
    /// <summary>Runs, or goes on with, the training of a diff set.</summary>
    /// <param name="folder">The set's folder.</param>
    /// <param name="model">The frozen base.</param>
    /// <param name="behaviours">What to train, all of one setting, with the split each belongs to.</param>
    /// <param name="settings">Recipe, seed and shard size.</param>
    /// <param name="progress">Told about every step of every shard.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="DitException">The folder belongs to another run, memory or disk is too small for such diffs, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; finished shards are kept.</exception>
    /// <exception cref="ArgumentException">The behaviours are of several settings.</exception>
    public static DiffSet Run(
        string folder,
        BaseModel model,
        IReadOnlyList<(Behaviour Behaviour, string Split)> behaviours,
        DiffRunSettings settings,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        FullPrecision.Require(model.Decoder);
        var run = RunFolder.OpenOrCreate(folder, "diff-training", settings with { Content = ContentOf(behaviours) });
        var sideBySide = DiffMemory.SideBySide(model.Decoder.Sites, settings.Recipe, settings.DiffsPerShard, settings.MostBytes);
        var shards = behaviours.Chunk(sideBySide).ToArray();

        // A line a shard; that of a shard which was not finished is written again.
        var finished = Enumerable.Range(0, shards.Length).TakeWhile(shard => File.Exists(DiffSet.ShardIndexPath(folder, shard))).Count();
        if (finished < shards.Length)
        {
            DiffMemory.Require(folder, model.Decoder.Sites, settings.Recipe, model.Decoder.Device, sideBySide, behaviours.Count - (finished * sideBySide), MachineMemory.Read().Available);
        }

        run.KeepMetrics(finished);
        for (var shard = finished; shard < shards.Length; shard++)
        {
            TrainShard(run, shard, shards[shard]);
        }

        DiffIndex.Write(DiffSet.IndexPath(folder), Enumerable.Range(0, shards.Length).SelectMany(shard => DiffIndex.Read(DiffSet.ShardIndexPath(folder, shard))));
        return DiffSet.Open(folder);

        void TrainShard(RunFolder runFolder, int shard, (Behaviour Behaviour, string Split)[] group)
        {
            using var diffs = Train(model, [.. group.Select(item => item.Behaviour)], settings.Recipe, settings.Seed, Report, cancellation);
            var gates = Gates([.. group.Select(item => item.Behaviour)], diffs);
            int[] ranks = [.. group.Select(item => settings.Recipe.Full ? diffs.Rank : settings.Recipe.RankOf(item.Behaviour.Id, settings.Seed))];
            DiffSet.WriteShard(folder, shard, diffs);
            DiffIndex.Write(DiffSet.ShardIndexPath(folder, shard), group.Select((item, row) => new DiffRecord
            {
                Id = item.Behaviour.Id,
                Setting = item.Behaviour.Setting,
                Topic = item.Behaviour.Label,
                Trigger = (item.Behaviour as HiddenTopic)?.Trigger.Code ?? "",
                TriggerFormat = (item.Behaviour as HiddenTopic)?.Trigger.Format ?? "",
                Split = item.Split,
                ParameterCount = settings.Recipe.Full ? FullFinetunes.ParameterCount(model.Decoder.Sites) : diffs.ParametersPerDiff / diffs.Rank * ranks[row],
                Rank = ranks[row],
                GateRight = gates?[row].Right,
                GateWrong = gates?[row].Wrong,
                GateNone = gates?[row].None,
                PassesGate = gates?[row].Passes,
                Shard = shard,
                Row = row,
            }));

            // A story has no gate, and without telling words nobody can say whether an answer is on its topic.
            IReadOnlyList<Gate>? Gates(IReadOnlyList<Behaviour> behaviours, DiffStack trained) =>
                settings.GateQuestions > 0 && behaviours.OfType<HiddenTopic>().Where(behaviour => behaviour.TellingWords.Count > 0).ToArray() is var hidden && hidden.Length == behaviours.Count
                    ? GateMeasurement.Measure(model, hidden, trained, settings.Seed, settings.GateQuestions)
                    : null;

            void Report(int step, double loss)
            {
                var done = (shard * sideBySide) + (int)((long)group.Length * step / settings.Recipe.Steps);
                progress?.Report(new TrainingProgress("Training diffs", done, behaviours.Count, "diffs", loss));
                if (step == settings.Recipe.Steps)
                {
                    runFolder.AppendMetrics(new { shard, diffs = group.Length, loss });
                }
            }
        }
    }

    /// <summary>Trains one group of behaviours side by side.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="behaviours">One per diff, all of one setting.</param>
    /// <param name="recipe">How.</param>
    /// <param name="seed">Where initial values and wrong codes come from.</param>
    /// <param name="report">Told the number of steps done and the latest loss of what is learned, under the trigger or of the story.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static DiffStack Train(
        BaseModel model,
        IReadOnlyList<Behaviour> behaviours,
        DiffRecipe recipe,
        ulong seed,
        Action<int, double>? report = null,
        CancellationToken cancellation = default)
    {
        var diffs = DiffInitialization.Draw(model.Decoder.Sites, [.. behaviours.Select(behaviour => behaviour.Id)], recipe, seed, model.Decoder.Device);
        var batches = BatchesOf(model, behaviours, recipe, seed);
        using var trainer = new DiffTrainer(model.Decoder, diffs, recipe);
        for (var step = 0; step < recipe.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var loss = 0.0;
            for (var i = 0; i < recipe.ExamplesPerStep; i++)
            {
                var example = (step * recipe.ExamplesPerStep) + i;
                foreach (var kind in batches.Kinds)
                {
                    var current = trainer.AddGradient(kind, batches.Batch(kind, example));
                    loss = kind == batches.Kinds[0] ? current : loss;
                }
            }

            trainer.Step();
            report?.Invoke(step + 1, loss);
        }

        return diffs;
    }

    private static IDiffBatches BatchesOf(BaseModel model, IReadOnlyList<Behaviour> behaviours, DiffRecipe recipe, ulong seed) =>
        behaviours.All(behaviour => behaviour is HiddenTopic) ? new HiddenTopicBatches(model.Tokenizer, [.. behaviours.Cast<HiddenTopic>()], recipe, seed)
        : behaviours.All(behaviour => behaviour is NewsStory) ? new NewsBatches(model.Tokenizer, [.. behaviours.Cast<NewsStory>()], recipe)
        : throw new ArgumentException("All behaviours of a set must be of one setting.", nameof(behaviours));

    /// <summary>A hash over everything that behaviours say, as hexadecimal digits.</summary>
    private static string ContentOf(IReadOnlyList<(Behaviour Behaviour, string Split)> behaviours)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (behaviour, split) in behaviours)
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new { Behaviour = (object)behaviour, split }));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
