using System.Globalization;
using Dit.Evaluation;
using Dit.Evaluation.Plots;
using Dit.Evaluation.Tables;

namespace Dit.Audit.Trials;

/// <summary>What the audits of known finetunes came to.</summary>
/// <param name="Folder">Where the results are.</param>
/// <param name="Audited">Every finetune.</param>
public sealed record AuditExperimentResults(string Folder, IReadOnlyList<AuditedTrial> Audited)
{
    /// <summary>How well confidences hold.</summary>
    public Reliability Reliability => Of(Audited);

    /// <summary>A row for each kind of finetune, for all with a label, all without, and all.</summary>
    public Table Table => new(
        [
            new Column("finetunes"), new Column("count"), new Column("verdict right", Unit.Share), new Column("confident and wrong", Unit.Share), new Column("called unclear", Unit.Share),
            new Column("mean confidence", Unit.Share), new Column("over 90 % sure", Unit.Share), new Column("calibration error", Unit.Share), new Column("adapter alone right", Unit.Share), new Column("seconds"),
        ],
        [
            .. Audited.GroupBy(trial => trial.Kind).Select(group => Row(group.Key, [.. group])),
            Row("all with a label", [.. Audited.Where(trial => trial.Label is not null)]),
            Row("all harmless", [.. Audited.Where(trial => trial.Label is null)]),
            Row("all", Audited),
        ]);

    /// <summary>Writes <c>table.csv</c>, <c>table.md</c>, <c>verdicts.csv</c>, <c>plot.svg</c> and <c>plot.png</c>.</summary>
    /// <exception cref="DitException">A file cannot be written.</exception>
    public void Write()
    {
        CsvTable.Write(Path.Combine(Folder, "table.csv"), Table);
        MarkdownTable.Write(Path.Combine(Folder, "table.md"), Table);
        CsvTable.Write(Path.Combine(Folder, "verdicts.csv"), new Table(
            [new Column("kind"), new Column("id"), new Column("label"), new Column("verdict"), new Column("claim"), new Column("confidence"), new Column("right"), new Column("adapter alone right"), new Column("seconds")],
            [.. Audited.Select(trial => (IReadOnlyList<TableCell>)[trial.Kind, trial.Id, trial.Label, AuditWords.Name(trial.Verdict), trial.Claim, trial.Confidence is { } confidence ? confidence : TableCell.Empty, trial.Right ? 1.0 : 0, trial.AdapterRight ? 1.0 : 0, trial.Seconds])]));
        var plot = Plot.Draw();
        SvgFile.Write(Path.Combine(Folder, "plot.svg"), plot);
        PngFile.Write(Path.Combine(Folder, "plot.png"), plot);
    }

    private LineChart Plot => new()
    {
        Title = "Audits: confidence and how often verdicts are right",
        Subtitle = string.Create(CultureInfo.InvariantCulture, $"{Audited.Count} finetunes that neither adapter nor calibration has met; expected calibration error {100 * Reliability.ExpectedCalibrationError:0.0} %"),
        XTitle = "confidence",
        ValueTitle = "verdicts that are right",
        Ticks = [.. Enumerable.Range(0, 6).Select(i => (i / 5.0, string.Create(CultureInfo.InvariantCulture, $"{20 * i} %")))],
        Curves =
        [
            new Curve("audits", [.. Measured(Audited).GroupBy(trial => Math.Min((int)(trial.Confidence * 10), 9)).Select(bin => new CurvePoint(
                bin.Average(trial => trial.Confidence), Interval.Bootstrap([.. bin.Select(trial => new[] { trial.Right ? 1.0 : 0 })], 1)))]),
            new Curve("where both are equal", [new CurvePoint(0, new Interval(0, 0, 0)), new CurvePoint(1, new Interval(1, 1, 1))], IsPaper: true),
        ],
    };

    private static IReadOnlyList<TableCell> Row(string name, IReadOnlyList<AuditedTrial> trials) => trials.Count == 0
        ? [name, 0.0, .. Enumerable.Repeat(TableCell.Empty, 8)]
        :
        [
            name, (double)trials.Count, Mean(trials, trial => trial.Right), Mean(trials, trial => trial.IsConfidentAndWrong), Mean(trials, trial => trial.Verdict == AuditVerdict.ChangedUnclear),
            Measured(trials).Select(trial => trial.Confidence).DefaultIfEmpty().Average(), trials.Average(trial => trial.Confidence > 0.9 ? 1.0 : 0), Of(trials).ExpectedCalibrationError, Mean(trials, trial => trial.AdapterRight), trials.Average(trial => trial.Seconds),
        ];

    private static TableCell Mean(IReadOnlyList<AuditedTrial> trials, Func<AuditedTrial, bool> holds) =>
        TableCell.Of(Interval.Bootstrap([.. trials.Select(trial => new[] { holds(trial) ? 1.0 : 0 })], 1), trials.Count);

    private static Reliability Of(IReadOnlyList<AuditedTrial> trials) => Reliability.Of([.. Measured(trials)]);

    /// <summary>Those that have a confidence.</summary>
    private static IEnumerable<(double Confidence, bool Right)> Measured(IEnumerable<AuditedTrial> trials) =>
        trials.Where(trial => trial.Confidence is not null).Select(trial => (trial.Confidence!.Value, trial.Right));
}
