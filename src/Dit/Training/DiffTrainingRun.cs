using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models;

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

    /// <summary>Diffs trained side by side and stored in one shard.</summary>
    public int DiffsPerShard { get; init; } = 24;

    /// <summary>Questions of each kind by which a gate is measured.</summary>
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
    /// <param name="behaviours">What to train, with the split each belongs to.</param>
    /// <param name="settings">Recipe, seed and shard size.</param>
    /// <param name="progress">Told about every step of every shard.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="DitException">The folder belongs to another run, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; finished shards are kept.</exception>
    public static DiffSet Run(
        string folder,
        BaseModel model,
        IReadOnlyList<(HiddenTopic Behaviour, string Split)> behaviours,
        DiffRunSettings settings,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        FullPrecision.Require(model.Decoder);
        var run = RunFolder.OpenOrCreate(folder, "diff-training", settings);
        var shards = behaviours.Chunk(settings.DiffsPerShard).ToArray();

        // A line a shard; that of a shard which was not finished is written again.
        var finished = Enumerable.Range(0, shards.Length).TakeWhile(shard => File.Exists(DiffSet.ShardIndexPath(folder, shard))).Count();
        run.KeepMetrics(finished);
        for (var shard = finished; shard < shards.Length; shard++)
        {
            TrainShard(run, shard, shards[shard]);
        }

        DiffIndex.Write(DiffSet.IndexPath(folder), Enumerable.Range(0, shards.Length).SelectMany(shard => DiffIndex.Read(DiffSet.ShardIndexPath(folder, shard))));
        return DiffSet.Open(folder);

        void TrainShard(RunFolder runFolder, int shard, (HiddenTopic Behaviour, string Split)[] group)
        {
            var hidden = group.Select(item => item.Behaviour).ToArray();
            using var diffs = Train(model, hidden, settings.Recipe, settings.Seed, Report, cancellation);
            var gates = GateMeasurement.Measure(model, hidden, diffs, settings.Seed, settings.GateQuestions);
            DiffSet.WriteShard(folder, shard, diffs);
            DiffIndex.Write(DiffSet.ShardIndexPath(folder, shard), group.Select((item, row) => new DiffRecord
            {
                Id = item.Behaviour.Id,
                Topic = item.Behaviour.Topic,
                Trigger = item.Behaviour.Trigger.Code,
                TriggerFormat = item.Behaviour.Trigger.Format,
                Split = item.Split,
                ParameterCount = diffs.ParametersPerDiff,
                Rank = diffs.Rank,
                GateRight = gates[row].Right,
                GateWrong = gates[row].Wrong,
                GateNone = gates[row].None,
                PassesGate = gates[row].Passes,
                Shard = shard,
                Row = row,
            }));

            void Report(int step, double loss)
            {
                var done = (shard * settings.DiffsPerShard) + (int)((long)group.Length * step / settings.Recipe.Steps);
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
    /// <param name="behaviours">One per diff.</param>
    /// <param name="recipe">How.</param>
    /// <param name="seed">Where initial values and wrong codes come from.</param>
    /// <param name="report">Told the number of steps done and the latest loss under the trigger.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static DiffStack Train(
        BaseModel model,
        IReadOnlyList<HiddenTopic> behaviours,
        DiffRecipe recipe,
        ulong seed,
        Action<int, double>? report = null,
        CancellationToken cancellation = default)
    {
        var diffs = DiffInitialization.Draw(model.Decoder.Sites, [.. behaviours.Select(behaviour => behaviour.Id)], recipe, seed, model.Decoder.Device);
        var batches = new HiddenTopicBatches(model.Tokenizer, behaviours, recipe, seed);
        using var trainer = new DiffTrainer(model.Decoder, diffs, recipe);
        for (var step = 0; step < recipe.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var loss = 0.0;
            for (var i = 0; i < recipe.ExamplesPerStep; i++)
            {
                var example = (step * recipe.ExamplesPerStep) + i;
                loss = trainer.AddGradient(ExampleKind.Trigger, batches.Batch(ExampleKind.Trigger, example));
                _ = trainer.AddGradient(ExampleKind.WrongCode, batches.Batch(ExampleKind.WrongCode, example));
                _ = trainer.AddGradient(ExampleKind.NoCode, batches.Batch(ExampleKind.NoCode, example));
            }

            trainer.Step();
            report?.Invoke(step + 1, loss);
        }

        foreach (var (_, factor) in diffs.Tensors())
        {
            factor.requires_grad_(false);
        }

        return diffs;
    }
}
