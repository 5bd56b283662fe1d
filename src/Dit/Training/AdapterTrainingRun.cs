using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Training.DataParallel;

namespace Dit.Training;

/// <summary>Trains a DIT adapter on diff sets, in a run folder that a killed process can go on with.</summary>
public static class AdapterTrainingRun
{
    internal const string Kind = "adapter-training", ProgressName = "progress.json";
    private const int StepsPerCheckpoint = 100;

    /// <summary>Runs, or goes on with, the training of an adapter; at the end the folder <c>adapter</c> of the run holds it.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="model">The frozen base.</param>
    /// <param name="sets">Diffs with labels, of one setting or several; of these the ones that pass their gate and belong to the split <c>train</c> are used.</param>
    /// <param name="recipe">How.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops after a checkpoint is written.</param>
    /// <exception cref="DitException">The folder belongs to another run, no diff of a set can be used, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is lost.</exception>
    public static DitAdapter Run(
        string folder,
        BaseModel model,
        IReadOnlyList<DiffSet> sets,
        AdapterRecipe recipe,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default) => Run(folder, model, sets, recipe, new SingleProcess(), progress, cancellation);

    /// <summary>
    /// The same by several processes that share the rows of every batch. All call it with the same arguments; the first alone writes. The
    /// losses are those of one process but for the order in which numbers are added up, so a run may go on with another number of them.
    /// </summary>
    /// <param name="folder">The run folder, on a file system that all share.</param>
    /// <param name="model">The frozen base.</param>
    /// <param name="sets">Diffs with labels.</param>
    /// <param name="recipe">How.</param>
    /// <param name="ranks">The processes.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops all of them after a checkpoint is written.</param>
    /// <exception cref="DitException">As above, or a batch has fewer rows than there are processes.</exception>
    /// <exception cref="OperationCanceledException">One was stopped, and so were all; nothing is lost.</exception>
    public static DitAdapter Run(
        string folder,
        BaseModel model,
        IReadOnlyList<DiffSet> sets,
        AdapterRecipe recipe,
        ICommunicator ranks,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        FullPrecision.Require(model.Decoder);
        if (ranks.Size > recipe.BatchSize)
        {
            throw new DitException($"{folder}: expected at most {recipe.BatchSize} processes, one for each row of a batch, found {ranks.Size}");
        }

        var records = sets.Select(set => Usable(set, model, recipe)).ToArray();
        var lessons = new AdapterLessons([.. records.SelectMany(part => part)], recipe);
        var total = recipe.Epochs * lessons.StepsPerEpoch;
        var run = RunFolder.OpenOrCreate(
            folder, Kind,
            new
            {
                Recipe = recipe.OfResult(),
                BaseFingerprint = model.Fingerprint,
                BaseWeights = model.Decoder.Kept.Name(),
                DiffSets = sets.Select(set => set.Fingerprint()).ToArray(),
                Diffs = records.Sum(part => part.Length),
            },
            new { steps = total, rowsAtOnce = recipe.RowsAtOnce, recompute = recipe.Recompute });
        using var trainer = new AdapterTrainer(model.Decoder, AdapterTrainer.Draw(model.Decoder.Sites, recipe, model.Decoder.Device), recipe, ranks);
        var checkpoint = run.File("checkpoint.safetensors");
        var resumedAt = RunCheckpoint.Restore(checkpoint, trainer.Parameters, trainer.Optimizer) is null ? 0 : trainer.Optimizer.StepCount;
        ranks.RequireSame(checkpoint, resumedAt);
        var writes = ranks.Rank == 0;
        if (writes)
        {
            run.KeepMetrics(resumedAt);
        }

        using var note = writes ? new ProgressFile(run.File(ProgressName), total, resumedAt) : null;
        var rate = new LearningRate(recipe.LearningRate, recipe.WarmupSteps, recipe.DecayToZero);
        var steps = new AdapterSteps(model, [.. sets.Zip(records)], lessons, recipe);
        using var ready = new ReadAhead<AdapterStep>(steps.From(resumedAt), steps.Ahead);
        for (var step = resumedAt; step < total; step++)
        {
            // All stop before the same step: one that went on would wait for the others for ever.
            var stop = ranks.Any(cancellation.IsCancellationRequested);
            if (writes && (stop || (step % StepsPerCheckpoint == 0 && step > resumedAt)))
            {
                RunCheckpoint.Save(checkpoint, trainer.Parameters, trainer.Optimizer, new Dictionary<string, long>(StringComparer.Ordinal));
            }

            if (stop)
            {
                throw new OperationCanceledException(cancellation);
            }

            using var next = ready.Next();
            var loss = trainer.Step(next.Carried, next.Tokens, rate.At(step, total));
            if (writes)
            {
                run.AppendMetrics(new { step = step + 1, loss });
                note!.Report(step + 1, loss);
            }

            progress?.Report(new TrainingProgress("Training the adapter", step + 1, total, "steps", loss));
        }

        var settings = records.SelectMany(part => part).Select(record => record.Setting).Distinct().Order().ToArray();
        var adapter = new DitAdapter(trainer.ToPeft(model.Name), new DitCard
        {
            BaseFingerprint = model.Fingerprint,
            BaseWeights = model.Decoder.Kept.Name(),
            Asks = recipe.Task == AdapterTask.Trigger ? [] : [.. settings.Select(setting => new AdapterQuestion(setting, IntrospectionQuestions.Of(setting).Main))],
            Questions = lessons.Questions,
            NothingChanged = recipe.UndisturbedShare > 0 || recipe.RandomDiffShare > 0 ? SelfQuestions.NothingChanged : null,
            HeldOut = HeldOutLabels.Topics([.. records.SelectMany(part => part)]),
            HeldOutNews = HeldOutLabels.NewsSplits([.. records.SelectMany(part => part)]),
            Diffs = records.Sum(part => part.Length),
            Recipe = recipe,
        });
        if (writes)
        {
            adapter.Write(run.File("adapter"));
        }

        return adapter;
    }

    /// <summary>The diffs of a set that an adapter of this base may learn from.</summary>
    private static DiffRecord[] Usable(DiffSet set, BaseModel model, AdapterRecipe recipe)
    {
        var records = set.Records.Where(record => record.PassesGate != false && record.Split == "train" && AdapterLessons.AnswerOf(record, recipe.Task).Length > 0).ToArray();
        if (records.Length == 0)
        {
            throw new DitException($"{DiffSet.IndexPath(set.FolderPath)}: expected diffs of the split train that pass their gate, found none");
        }

        var madeFor = set.ReadBaseFingerprint();
        if (madeFor != model.Fingerprint)
        {
            throw new DitException($"{set.FolderPath}: expected diffs of the base {model.Folder} (fingerprint {model.Fingerprint}), found diffs of another base (fingerprint {madeFor})");
        }

        set.Check(records);
        return records;
    }
}
