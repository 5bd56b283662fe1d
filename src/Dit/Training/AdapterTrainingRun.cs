using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;

namespace Dit.Training;

/// <summary>Trains a DIT adapter on diff sets, in a run folder that a killed process can go on with.</summary>
public static class AdapterTrainingRun
{
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
        CancellationToken cancellation = default)
    {
        FullPrecision.Require(model.Decoder);
        var records = sets.Select(set => Usable(set, model, recipe)).ToArray();
        var run = RunFolder.OpenOrCreate(folder, "adapter-training", new
        {
            Recipe = recipe, BaseFingerprint = model.Fingerprint, DiffSets = sets.Select(set => set.Fingerprint()).ToArray(), Diffs = records.Sum(part => part.Length),
        });
        using var trainer = new AdapterTrainer(model.Decoder, AdapterTrainer.Draw(model.Decoder.Sites, recipe, model.Decoder.Device), recipe);
        var checkpoint = run.File("checkpoint.safetensors");
        var resumedAt = RunCheckpoint.Restore(checkpoint, trainer.Parameters, trainer.Optimizer) is null ? 0 : trainer.Optimizer.StepCount;
        run.KeepMetrics(resumedAt);

        var lessons = new AdapterLessons([.. records.SelectMany(part => part)], recipe);
        var rate = new LearningRate(recipe.LearningRate, recipe.WarmupSteps, recipe.DecayToZero);
        var steps = new AdapterSteps(model, [.. sets.Zip(records)], lessons, recipe);
        using var ready = new ReadAhead<AdapterStep>(steps.From(resumedAt), steps.Ahead);
        var total = steps.Count;
        for (var step = resumedAt; step < total; step++)
        {
            if (cancellation.IsCancellationRequested || (step % StepsPerCheckpoint == 0 && step > resumedAt))
            {
                RunCheckpoint.Save(checkpoint, trainer.Parameters, trainer.Optimizer, new Dictionary<string, long>(StringComparer.Ordinal));
                cancellation.ThrowIfCancellationRequested();
            }

            using var next = ready.Next();
            var loss = trainer.Step(next.Carried, next.Tokens, rate.At(step, total));
            run.AppendMetrics(new { step = step + 1, loss });
            progress?.Report(new TrainingProgress("Training the adapter", step + 1, total, "steps", loss));
        }

        var settings = records.SelectMany(part => part).Select(record => record.Setting).Distinct().Order().ToArray();
        var adapter = new DitAdapter(trainer.ToPeft(model.Name), new DitCard
        {
            BaseFingerprint = model.Fingerprint,
            Asks = recipe.Task == AdapterTask.Trigger ? [] : [.. settings.Select(setting => new AdapterQuestion(setting, IntrospectionQuestions.Of(setting).Main))],
            Questions = lessons.Questions,
            NothingChanged = recipe.UndisturbedShare > 0 || recipe.RandomDiffShare > 0 ? SelfQuestions.NothingChanged : null,
            HeldOut = HeldOutLabels.Topics([.. records.SelectMany(part => part)]),
            HeldOutNews = HeldOutLabels.NewsSplits([.. records.SelectMany(part => part)]),
            Diffs = records.Sum(part => part.Length),
            Recipe = recipe,
        });
        adapter.Write(run.File("adapter"));
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
