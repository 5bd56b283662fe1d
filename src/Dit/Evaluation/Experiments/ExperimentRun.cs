using System.Diagnostics;
using Dit.Behaviours;
using Dit.Evaluation.Graders;
using Dit.Models;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>An experiment from its start to the files of its results.</summary>
public static class ExperimentRun
{
    /// <summary>Runs an experiment, going on with and using what is in the folder already.</summary>
    /// <param name="experiment">Which.</param>
    /// <param name="model">The base.</param>
    /// <param name="source">Where behaviours come from.</param>
    /// <param name="settings">Scale, seeds and count.</param>
    /// <param name="folder">Holds shared diffs, adapters and answers, and a folder of results for each experiment.</param>
    /// <param name="judge">Grades, and guesses what answers have in common; null to do without.</param>
    /// <param name="progress">Told about all training and asking.</param>
    /// <param name="cancellation">Stops; finished parts are kept.</param>
    /// <exception cref="DitException">Something does not fit the base, an endpoint fails, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ExperimentResults Run(
        IExperiment experiment,
        BaseModel model,
        IBehaviourSource source,
        ExperimentSettings settings,
        string folder,
        Judge? judge = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var clock = Stopwatch.StartNew();
        var lab = new Laboratory(model, source, settings, folder, judge, progress, cancellation);
        lab.Require(experiment);
        var findings = experiment.Run(lab);
        IGrader[] all = [new ExactMatch(), new Contained(), new TokenF1(), new RougeL(), new HiddenStateSimilarity(model)];
        var results = new ExperimentResults
        {
            Experiment = experiment.Name,
            Question = experiment.Question,
            Folder = Path.Combine(folder, experiment.Name),
            Settings = settings,
            Base = model.Name,
            BaseFingerprint = model.Fingerprint,
            Behaviours = source.Description,
            Cells = [.. findings.Cells.Select(cell => Graded(cell, cell.Answers[0].Subject.Setting))],
            References = findings.References,
            OwnTable = findings.Table,
            RowsAre = findings.RowsAre,
            BestGrades = (judge is null ? all : [.. all, judge.Of(default)]).ToDictionary(grader => grader.Name, grader => grader.Best, StringComparer.Ordinal),
            Plot = findings.Plot,
            Parts = lab.Parts,
            Judge = judge?.Notes,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
        };
        ResultsFolder.Write(results);
        return results;

        GradedCell Graded(Cell cell, Setting setting) => GradedCell.Of(cell, judge is null ? all : [.. all, judge.Of(setting)], lab.AllLabels(setting), cancellation);
    }
}
