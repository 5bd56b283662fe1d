using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Evaluation;
using Dit.Models;
using Dit.Training;

namespace Dit.Audit.Trials;

/// <summary>Calibrates the audits of an adapter on finetunes of the validation split: with labels, weakly trained ones, and harmless ones.</summary>
public static class AuditCalibrationRun
{
    // Shards are filled, and there are about as many finetunes that hide something as harmless ones.
    private const int Labelled = 48, Harmless = 48, Weak = 24;
    private const ulong Seed = 11;

    /// <summary>Trains what is not there yet, looks at all of it, and fits.</summary>
    /// <param name="model">A base that lives in the built-in world.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="folder">Work folder: finetunes and what was seen of them, for all adapters.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops; finished parts are kept.</param>
    /// <exception cref="DitException">The adapter belongs to another base or has learned labels of the validation split, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static AuditCalibration Run(BaseModel model, DitAdapter adapter, string folder, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        var settings = Require(adapter, TopicSplit.Validation);
        var observer = new TrialObserver(model, adapter, folder, Seed);
        var sets = new TrialSets(model, folder, TopicSplit.Validation, Seed, progress, cancellation);
        var trials = new List<Trial>();
        if (settings.Contains(Setting.HiddenTopic))
        {
            var whole = sets.OfTopics(Labelled);
            trials.AddRange([.. whole, .. sets.OfFewSteps(Weak), .. sets.Weakened([.. whole.Take(Weak)], TrialSets.WeakTopics)]);
        }

        if (settings.Contains(Setting.News))
        {
            var whole = sets.OfNews(Labelled);
            trials.AddRange([.. whole, .. sets.Weakened([.. whole.Take(Weak)], TrialSets.WeakNews)]);
        }

        trials.AddRange([.. sets.OfGenericAnswers(Harmless), .. sets.OfOwnAnswers(Harmless)]);
        return CalibrationFit.Of(Look(observer, trials, progress, cancellation), model.Fingerprint, AdapterFingerprint.Of(adapter), AuditCalibration.TypeOf(model));
    }

    /// <summary>Looks at all trials, one after the other.</summary>
    internal static IReadOnlyList<Case> Look(TrialObserver observer, IReadOnlyList<Trial> trials, IProgress<TrainingProgress>? progress, CancellationToken cancellation) => [.. trials.Select((trial, i) =>
    {
        progress?.Report(new TrainingProgress("Looking at finetunes", i, trials.Count, "finetunes"));
        return observer.Look(trial, cancellation);
    })];

    /// <summary>What an adapter can be asked, if it held out a split of all that.</summary>
    internal static IReadOnlyList<Setting> Require(DitAdapter adapter, TopicSplit split)
    {
        Setting[] settings = [.. HeldOut.RequireCard(adapter.Folder, adapter.Card).Asks.Select(ask => ask.Setting)];
        if (settings.Contains(Setting.HiddenTopic))
        {
            HeldOut.Require(adapter.Folder, adapter.Card, [.. TopicList.Of(split).Select(topic => topic.Name)]);
        }

        if (settings.Contains(Setting.News))
        {
            HeldOut.RequireNews(adapter.Folder, adapter.Card, split.ToString().ToLowerInvariant());
        }

        return settings;
    }
}
