using System.Security.Cryptography;
using System.Text.Json;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
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

    /// <summary>How the base's weights were kept where that was in fewer bits than are computed in, such as <c>int8</c>, else null; filled in by the run itself.</summary>
    public string? BaseWeights { get; init; }

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
    internal const string Kind = "diff-training";

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
        CancellationToken cancellation = default) => RunPart(folder, model, behaviours, settings, WorkPart.Whole, progress, cancellation)!;

    /// <summary>
    /// Does, or goes on with, a part of the training of a diff set. Processes for other parts may work in the same folder at the same time, on
    /// any machines that share it; the last one finishes the set.
    /// </summary>
    /// <param name="folder">The set's folder.</param>
    /// <param name="model">The frozen base.</param>
    /// <param name="behaviours">What the whole set is to be of, as in <see cref="Run"/>.</param>
    /// <param name="settings">Those of the whole set.</param>
    /// <param name="part">Which part.</param>
    /// <param name="progress">Told about every step of every shard of the part.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The finished set; null where other parts are still to be done.</returns>
    /// <exception cref="DitException">As in <see cref="Run"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; finished shards are kept.</exception>
    public static DiffSet? RunPart(
        string folder,
        BaseModel model,
        IReadOnlyList<(Behaviour Behaviour, string Split)> behaviours,
        DiffRunSettings settings,
        WorkPart part,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        FullPrecision.Require(model.Decoder);
        var shards = Open(folder, model, behaviours, settings);
        var finished = DiffSet.FinishedShards(folder);
        int[] own = [.. Enumerable.Range(0, shards.Length).Where(part.Has)], missing = [.. own.Where(shard => !finished.Contains(shard))];
        if (missing.Length > 0)
        {
            DiffMemory.Require(folder, model.Decoder.Sites, settings.Recipe, model.Decoder.Device, shards[0].Length, Diffs(missing), MachineMemory.Read().Available);
        }

        var (done, total) = (Diffs(own) - Diffs(missing), Diffs(own));
        foreach (var shard in missing)
        {
            // Another process may have been here: a part that was submitted twice, or one that does the whole.
            if (!File.Exists(DiffSet.ShardIndexPath(folder, shard)))
            {
                TrainShard(shard, shards[shard]);
            }

            done += shards[shard].Length;
        }

        return Finish(folder, shards.Length, changed: missing.Length > 0);

        int Diffs(int[] some) => some.Sum(shard => shards[shard].Length);

        void TrainShard(int shard, (Behaviour Behaviour, string Split)[] group)
        {
            var last = double.NaN;
            using var note = new ProgressFile(ProgressPath(folder, shard), settings.Recipe.Steps);
            using var diffs = Train(model, [.. group.Select(item => item.Behaviour)], settings.Recipe, settings.Seed, Report, cancellation);
            var gates = Gates([.. group.Select(item => item.Behaviour)], diffs);
            int[] ranks = [.. group.Select(item => settings.Recipe.Full ? diffs.Rank : settings.Recipe.RankOf(item.Behaviour.Id, settings.Seed))];
            DiffSet.WriteShard(folder, shard, diffs);
            ShardMetrics.Write(folder, shard, group.Length, last);
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
                last = loss;
                progress?.Report(new TrainingProgress("Training diffs", done + (int)((long)group.Length * step / settings.Recipe.Steps), total, "diffs", loss));
                note.Report(step, loss);
            }
        }
    }

    /// <summary>Starts the run in its folder, or makes sure that it is the same, and trains nothing.</summary>
    /// <returns>The behaviours of each shard.</returns>
    /// <exception cref="DitException">The folder belongs to another run, or cannot be written.</exception>
    public static (Behaviour Behaviour, string Split)[][] Open(
        string folder, BaseModel model, IReadOnlyList<(Behaviour Behaviour, string Split)> behaviours, DiffRunSettings settings)
    {
        var shards = Shards(model, behaviours, settings);
        RunFolder.OpenOrCreate(
            folder, Kind, settings with { Recipe = settings.Recipe.OfResult(), Content = ContentOf(behaviours), BaseWeights = model.Decoder.Kept.Name() },
            new { shards = shards.Length, diffsPerShard = shards.Length > 0 ? shards[0].Length : 0, rowsAtOnce = settings.Recipe.RowsAtOnce, recompute = settings.Recipe.Recompute });
        return shards;
    }

    /// <summary>The behaviours of each shard.</summary>
    public static (Behaviour Behaviour, string Split)[][] Shards(BaseModel model, IReadOnlyList<(Behaviour Behaviour, string Split)> behaviours, DiffRunSettings settings) =>
        [.. behaviours.Chunk(DiffMemory.SideBySide(model.Decoder.Sites, settings.Recipe, settings.DiffsPerShard, settings.MostBytes))];

    /// <summary>Where it says how far a shard is that is being trained.</summary>
    internal static string ProgressPath(string folder, int shard) => Path.Combine(folder, $"progress-{shard:D5}.json");

    /// <summary>Writes what is of the whole set once all shards are there. Several processes may come here at once, and all write the same.</summary>
    private static DiffSet? Finish(string folder, int shards, bool changed)
    {
        if (DiffSet.FinishedShards(folder).Count(shard => shard < shards) < shards)
        {
            return null;
        }

        ShardMetrics.Join(folder);
        if (changed || !File.Exists(DiffSet.IndexPath(folder)))
        {
            DiffIndex.Write(DiffSet.IndexPath(folder), Enumerable.Range(0, shards).SelectMany(shard => DiffIndex.Read(DiffSet.ShardIndexPath(folder, shard))));
            Array.ForEach(Directory.GetFiles(folder, "progress-*.json"), ProgressFile.Delete);
        }

        return DiffSet.Open(folder);
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
