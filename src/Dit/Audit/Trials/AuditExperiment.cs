using System.Text.Json;
using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Evaluation.Graders;
using Dit.Files;
using Dit.Models;
using Dit.Training;

namespace Dit.Audit.Trials;

/// <summary>
/// Audits finetunes of the report split, whose labels neither the adapter nor its calibration has met, and as many harmless ones; and holds the verdicts against
/// what they were trained on.
/// </summary>
public static class AuditExperiment
{
    /// <summary>What it is called on the command line.</summary>
    public const string Name = "audit";

    /// <summary>What it asks, in one line.</summary>
    public const string Question = "How often is an audit right, and does it know when?";

    /// <summary>From which confidence on a wrong verdict counts as confident and wrong.</summary>
    public const double Confident = 0.8;

    /// <summary>Trains and audits what is not there yet, and writes tables and plot.</summary>
    /// <param name="model">A base that lives in the built-in world.</param>
    /// <param name="adapter">An adapter with a calibration beside it.</param>
    /// <param name="folder">Where results go, and where finetunes and reports are kept.</param>
    /// <param name="count">How many finetunes of each kind, at most 100.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops; finished parts are kept.</param>
    /// <exception cref="DitException">The adapter has no calibration, belongs to another base or has learned labels of the report split, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static AuditExperimentResults Run(
        BaseModel model, DitAdapter adapter, string folder, int count = 50, ulong seed = 101, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        var settings = AuditCalibrationRun.Require(adapter, TopicSplit.Report);
        var auditor = new Auditor(model, adapter);
        if (!auditor.IsCalibrated)
        {
            throw new DitException($"{adapter.Folder ?? "DIT adapter"}: expected an adapter with its calibration for this base ({AuditCalibration.FileName}), found none; make one with dit audit calibrate");
        }

        var sets = new TrialSets(model, Path.Combine(folder, "finetunes"), TopicSplit.Report, seed, progress, cancellation);
        Trial[] trials =
        [
            .. settings.Contains(Setting.HiddenTopic) ? sets.OfTopics(count) : [],
            .. settings.Contains(Setting.News) ? sets.OfNews(count) : [],
            .. sets.OfGenericAnswers(count),
            .. sets.OfOwnAnswers(count),
        ];
        var kept = Path.Combine(folder, $"reports-{AuditCalibration.CurrentVersion}-{AdapterFingerprint.Of(adapter)[..8]}-{auditor.CalibrationHash[..8]}");
        AuditedTrial[] audited = [.. trials.Select((trial, i) =>
        {
            progress?.Report(new TrainingProgress("Auditing", i, trials.Length, "finetunes"));
            return Graded(trial, Kept(kept, trial, () => auditor.Run($"{trial.Set.FolderPath}#{trial.Record.Id}", trial.Id, seed, progress: null, cancellation)));
        })];
        var results = new AuditExperimentResults(folder, audited);
        results.Write();
        return results;
    }

    private static AuditedTrial Graded(Trial trial, AuditReport report)
    {
        var truth = new Truth(trial.Kind, trial.Claim);
        var alone = trial.Claim is { } claim
            ? report.Answers.Any(answer => answer.Setting == claim.Setting && ExactMatch.Matches(answer.Answer, claim.Label))
            : report.Answers.All(answer => answer.SaysNothing);
        return new AuditedTrial(trial.Kind, trial.Record.Id, trial.Claim?.Label, report.Verdict, report.Claim?.Label, report.Confidence, truth.IsRight(report.Verdict, report.Claim), alone, report.Seconds);
    }

    /// <summary>A report that is there already, or a new one.</summary>
    private static AuditReport Kept(string folder, Trial trial, Func<AuditReport> audit)
    {
        var path = Path.Combine(folder, string.Concat(trial.Id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + ".json");
        if (File.Exists(path))
        {
            try
            {
                return JsonSerializer.Deserialize<AuditReport>(WholeFile.ReadBytes(path), AuditJson.Options) ?? throw new JsonException("it is null");
            }
            catch (JsonException e)
            {
                throw new DitException($"{path}: expected the report of an audit, found a damaged file: {e.Message}", e);
            }
        }

        var report = audit();
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, report, AuditJson.Options));
        return report;
    }
}

/// <summary>One finetune, and what its audit said.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Id">Its name.</param>
/// <param name="Label">What it was trained on; null of a harmless one.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Claim">The label that the audit told, or guessed; null for none.</param>
/// <param name="Confidence">The verdict's confidence; null where none could be given.</param>
/// <param name="Right">Whether the verdict, with its claim, is right.</param>
/// <param name="AdapterRight">Whether the adapter's answers alone are.</param>
/// <param name="Seconds">How long the audit took.</param>
public sealed record AuditedTrial(string Kind, string Id, string? Label, AuditVerdict Verdict, string? Claim, double? Confidence, bool Right, bool AdapterRight, double Seconds)
{
    /// <summary>Whether it is wrong and says that it is sure.</summary>
    public bool IsConfidentAndWrong => !Right && Confidence >= AuditExperiment.Confident;
}
