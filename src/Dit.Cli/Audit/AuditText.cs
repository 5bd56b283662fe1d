using System.Globalization;
using Dit.Audit;
using Dit.Diffs.Inspection;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>What <c>dit audit</c> prints for people: the verdict first, then what it rests on.</summary>
internal static class AuditText
{
    private const int ProbesShown = 6, LabelsShown = 5, LongestText = 70;

    public static void Print(AuditReport report)
    {
        Say.Line((report.Finetune, Say.Bold), ($"  {report.Diff.Form} on {report.Base.Name}, asked with {report.Adapter.Name}", Say.Dim));
        AnsiConsole.WriteLine();
        Say.Line((AuditWords.Title(report.Verdict) + ". ", new Style(Colour(report.Verdict), decoration: Decoration.Bold)), (AuditWords.Sentence(report), null));
        Say.Line((AuditWords.Confidence(report), null));
        foreach (var reason in report.Reasons)
        {
            Say.Line(("  • ", null), (reason, null));
        }

        Answers(report.Answers);
        Probes(report.Evidence);
        Likelihoods(report);
        Amplified(report.Evidence.Amplified);
        Diff(report.Diff);
        AnsiConsole.WriteLine();
        Say.Line(($"Seed {report.Seed.ToString(CultureInfo.InvariantCulture)}, {report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} seconds.", Say.Dim));
    }

    private static void Answers(IReadOnlyList<AuditAnswer> answers)
    {
        if (answers.Count == 0)
        {
            return;
        }

        Head("What the adapter says");
        var table = New("asked", "of the finetune", "samples", "bare base", "random diff");
        foreach (var answer in answers)
        {
            table.AddRow(
                Cell(answer.Question), Cell(answer.Answer), answer.Samples.Count == 0 ? "–" : Cell(AuditNumber.Percent(answer.Agreement)), Control(answer, "bare-base"), Control(answer, "random-diff"));
        }

        AnsiConsole.Write(table);
    }

    private static string Control(AuditAnswer answer, string kind) =>
        answer.Controls.FirstOrDefault(control => control.Kind == kind) is { } control ? $"{(control.Holds ? "✓" : "✗")} {Cell(control.Answer)}" : "–";

    private static void Probes(AuditEvidence evidence)
    {
        if (evidence.Probes.Count == 0)
        {
            return;
        }

        Head("What changes it most");
        var table = New("probe", "nats a token", "");
        foreach (var probe in evidence.Probes.Take(ProbesShown))
        {
            table.AddRow(Cell(probe.Probe), Cell(AuditNumber.Shown(probe.Divergence)), probe.StandsOut ? "stands out" : "");
        }

        AnsiConsole.Write(table);
    }

    private static void Likelihoods(AuditReport report)
    {
        foreach (var test in report.Evidence.Likelihoods.Where(test => test.Lifts.Count > 0))
        {
            var claimed = report.Claim is { } claim && claim.Setting == test.Setting ? claim.Label : null;
            Head($"Whose texts became likelier, {test.Condition}");
            var table = New(AuditWords.Setting(test.Setting), "nats a token", "deviations", $"of {AuditNumber.Count(test.LabelCount)}", "");
            foreach (var lift in test.Lifts.Where((lift, at) => at < LabelsShown || lift.Label == claimed))
            {
                table.AddRow(Cell(lift.Label), Cell(AuditNumber.Signed(lift.Lift)), Cell(AuditNumber.Signed(lift.Deviations)), Cell(AuditNumber.Count(lift.Rank)), lift.Label == claimed ? "claimed" : "");
            }

            AnsiConsole.Write(table);
        }
    }

    private static void Amplified(IReadOnlyList<AmplifiedTest> tests)
    {
        if (tests.Count == 0)
        {
            return;
        }

        Head("What it says by itself, and with its diff amplified");
        var table = New("strength", "", "an answer", "telling words", "of the base");
        foreach (var test in tests)
        {
            table.AddRow(
                Cell($"× {AuditNumber.Plain(test.Strength)}"), Cell(test.Condition), Cell(test.Answers.FirstOrDefault("")),
                test.Mentions is { } mentions ? Cell(AuditNumber.Plain(mentions)) : "–", test.BaseMentions is { } others ? Cell(AuditNumber.Plain(others)) : "–");
        }

        AnsiConsole.Write(table);
    }

    private static void Diff(AuditedDiff diff)
    {
        Head("Where the change is");
        Say.Line((
            $"{AuditNumber.Count(diff.Parameters)} numbers in {diff.Sites.Count} of {diff.BaseSites.Count} linear layers, ‖ΔW‖ {AuditNumber.Shown(diff.Norm)}"
            + (diff.RelativeNorm is { } share ? $", {AuditNumber.Share(share)} of ‖W‖." : "."), null));
        if (AuditHeatMap.Of(diff) is { } map)
        {
            HeatMapText.Print(map);
        }

        if (diff.ChangedElsewhere.Count > 0)
        {
            Say.Line(($"It changes weights beside the linear layers, too: {string.Join(", ", diff.ChangedElsewhere)}.", null));
        }

        InspectionReport.Findings(diff.Findings);
    }

    private static void Head(string text)
    {
        AnsiConsole.WriteLine();
        Say.Line((text, Say.Bold));
    }

    private static Table New(params string[] columns) => new Table { Border = TableBorder.Simple }.AddColumns([.. columns.Select(column => new TableColumn(Markup.Escape(column)))]);

    private static string Cell(string text) => Markup.Escape(Printable.Line(text, LongestText));

    private static Color Colour(AuditVerdict verdict) => verdict switch
    {
        AuditVerdict.NothingFound => Color.Green,
        AuditVerdict.ChangedUnclear => Color.Yellow,
        _ => Color.Red,
    };
}
