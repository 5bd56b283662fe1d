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
/// answer and grade) and <c>run.json</c> (all settings and times).
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
        MarkdownTable.Write(Path.Combine(results.Folder, "table.md"), table);
        var plot = results.Plot.Draw(results);
        SvgFile.Write(Path.Combine(results.Folder, "plot.svg"), plot);
        PngFile.Write(Path.Combine(results.Folder, "plot.png"), plot);
        AnswerLog.Write(Path.Combine(results.Folder, "answers.jsonl"), results.Cells.SelectMany(Answers));
        AtomicFile.WriteText(Path.Combine(results.Folder, "run.json"), JsonSerializer.Serialize(Run(results), Json) + "\n");
    }

    private static IEnumerable<LoggedAnswer> Answers(GradedCell graded) => graded.Cell.Answers.Select((answer, i) => new LoggedAnswer
    {
        Method = graded.Cell.Name,
        Condition = graded.Cell.Condition == Condition.AsTrained ? null : graded.Cell.Condition.ToString(),
        Id = answer.Subject.Id,
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
        results.Settings,
        results.Seconds,
        results.SecondsOfParts,
        results.Judge,
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
