using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Files;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// The files of an experiment: <c>table.csv</c> and <c>table.md</c>, <c>plot.svg</c> and <c>plot.png</c>, <c>answers.jsonl</c> (every question,
/// answer and grade) and <c>run.json</c> (all settings and times).
/// </summary>
internal static class ResultsFolder
{
    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true, NewLine = "\n" };

    public static void Write(ExperimentResults results)
    {
        AtomicFile.WriteText(Path.Combine(results.Folder, "answers.jsonl"), string.Concat(results.Cells.SelectMany(Answers)));
        AtomicFile.WriteText(Path.Combine(results.Folder, "run.json"), JsonSerializer.Serialize(Run(results), Indented) + "\n");
    }

    private static IEnumerable<string> Answers(GradedCell graded) => graded.Cell.Answers.Select((answer, i) => JsonSerializer.Serialize(
        new
        {
            row = graded.Cell.Name,
            condition = graded.Cell.Condition.ToString(),
            seed = answer.Seed,
            diff = answer.Subject.Id,
            label = answer.Subject.Label,
            answer = answer.Interpretation.Answer,
            grades = graded.Grades.ToDictionary(grade => grade.Key, grade => grade.Value[i]),
            exchanges = answer.Interpretation.Exchanges.Select(exchange => new { exchange.Question, exchange.Answer }),
        }, Line) + "\n");

    private static object Run(ExperimentResults results) => new
    {
        experiment = results.Experiment,
        @base = results.Base,
        base_fingerprint = results.BaseFingerprint,
        settings = results.Settings,
        seconds = results.Seconds,
        seconds_of_all_parts = results.SecondsOfParts,
        parts = results.Parts.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => new { name = part.Key, seconds = part.Value }),
        versions = new
        {
            dit = typeof(ResultsFolder).Assembly.GetName().Version?.ToString(),
            dotnet = Environment.Version.ToString(),
            torchsharp = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
        },
        machine = new { system = RuntimeInformation.RuntimeIdentifier, cores = Environment.ProcessorCount },
    };
}
