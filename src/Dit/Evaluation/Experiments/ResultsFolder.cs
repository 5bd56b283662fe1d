using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dit.Evaluation.Plots;
using Dit.Evaluation.Tables;
using Dit.Files;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// The files of an experiment: <c>table.csv</c> and <c>table.md</c>, <c>plot.svg</c> and <c>plot.png</c>, <c>answers.jsonl</c> (every question,
/// answer and grade) and <c>run.json</c> (all settings, adapters and times); where there was a judge, <c>grades.svg</c> and <c>grades.png</c>.
/// </summary>
internal static class ResultsFolder
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n", Converters = { new JsonStringEnumConverter() }, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static void Write(ExperimentResults results)
    {
        var table = ResultsTable.Full(results);
        CsvTable.Write(Path.Combine(results.Folder, "table.csv"), table);
        AtomicFile.WriteText(Path.Combine(results.Folder, "table.md"), MarkdownTable.Text(table) + Compared(results));
        var plot = results.Plot.Draw(results);
        SvgFile.Write(Path.Combine(results.Folder, "plot.svg"), plot);
        PngFile.Write(Path.Combine(results.Folder, "plot.png"), plot);
        if (results.Judged.Count > 0)
        {
            var grades = GradeChart.Of($"{results.Experiment}: the judge's grades", results.Judged).Draw();
            SvgFile.Write(Path.Combine(results.Folder, "grades.svg"), grades);
            PngFile.Write(Path.Combine(results.Folder, "grades.png"), grades);
        }

        AnswerLog.Write(Path.Combine(results.Folder, "answers.jsonl"), results.Cells.SelectMany(Answers));
        AtomicFile.WriteText(Path.Combine(results.Folder, "run.json"), JsonSerializer.Serialize(Run(results), Json) + "\n");
    }

    private static string Compared(ExperimentResults results) => results.Comparisons is { Count: > 0 } comparisons
        ? $"\nRow by row on the diffs that both have, by \"{results.Measure}\": the row's grade less that of the row it stands against, and p of a two-sided sign-flip test over labels.\n\n"
            + MarkdownTable.Text(RowComparison.TableOf(comparisons, results.Best(results.Measure) == 1 ? Unit.Share : Unit.Score))
        : "";

    private static IEnumerable<LoggedAnswer> Answers(GradedCell graded) => graded.Cell.Answers.Select((answer, i) => new LoggedAnswer
    {
        Method = graded.Cell.Name,
        Condition = graded.Cell.Condition == Condition.AsTrained ? null : graded.Cell.Condition.ToString(),
        Id = answer.Subject.Id,
        Carried = answer.Carried?.Id,
        Seed = answer.Seed,
        Label = answer.Subject.Label,
        Answer = answer.Interpretation.Answer,
        Scores = graded.Grades.ToDictionary(grade => grade.Key, grade => grade.Value[i], StringComparer.Ordinal),
        Exchanges = answer.Interpretation.Exchanges,
    });

    private static object Run(ExperimentResults results) => new
    {
        results.Experiment,
        results.Base,
        results.BaseFingerprint,
        results.Behaviours,
        results.Settings,
        results.Seconds,
        results.SecondsOfParts,
        results.Judge,
        Rows = results.Cells.Select(row => new
        {
            row.Cell.Name,
            row.Cell.Condition,
            Answers = row.Cell.Answers.Count,
            Adapters = row.Cell.Adapters.Select(adapter => adapter.Fingerprint),
            Grades = row.Grades.Keys.Where(grader => row.Mean(grader) is not null).ToDictionary(grader => grader, row.Mean, StringComparer.Ordinal),
            GradesFrom1 = results.Judged.Where(judged => judged.Row == row.Cell.Name).Select(judged => judged.Grades).FirstOrDefault(),
        }),
        Adapters = results.Cells.SelectMany(row => row.Cell.Adapters).DistinctBy(adapter => adapter.Fingerprint, StringComparer.Ordinal).Select(adapter => new
        {
            adapter.Fingerprint, adapter.Folder, TrainedHere = !adapter.IsReady, adapter.Seed, adapter.Steps, adapter.Card?.Diffs, adapter.Card?.Recipe,
        }),
        Comparisons = results.Comparisons.Select(each => new { Row = each.Reference, Against = each.Other, By = results.Measure, each.Paired }),
        Parts = results.Parts.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => new { Name = part.Key, Seconds = part.Value }),
        Versions = new
        {
            Dit = typeof(ResultsFolder).Assembly.GetName().Version?.ToString(),
            Dotnet = Environment.Version.ToString(),
            Torchsharp = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
        },
        Machine = new { System = RuntimeInformation.RuntimeIdentifier, Cores = Environment.ProcessorCount },
    };
}
