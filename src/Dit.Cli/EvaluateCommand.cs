using System.CommandLine;
using System.Text.Json;
using Dit.Behaviours.World;
using Dit.Evaluation;
using Dit.Files;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit evaluate</c>: trains diffs of held-out topics afresh and measures what the adapter says of them.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CancellationToken stop)
    {
        var baseFolder = Verb.Base();
        var adapterFolder = new Option<string?>("--adapter") { Description = "Folder of the DIT adapter, or the name of a shipped one; without it, the shipped one for topics.", HelpName = "FOLDER" };
        var seeds = SeedsOption.Create("Seeds of the diffs", HiddenTopicEvaluation.DefaultSeeds);
        var split = Verb.Split(TopicSplit.Report);
        var count = Verb.Count("--count", "How many topics; without it, all of the split.");
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var folder = new Option<string?>("--out") { Description = "Folder that keeps the diffs and every answer; a stopped evaluation in it goes on.", HelpName = "FOLDER" };
        var dtype = Verb.Type(otherwise: ScalarType.Float32); // It trains the diffs that it asks.
        var baseWeights = Verb.BaseWeights();
        var device = Verb.Device();
        var command = new ResumableCommand("evaluate", "Measures the adapter on freshly trained finetunes.") { baseFolder, adapterFolder, seeds, split, count, dtype, baseWeights, device, json, folder };
        command.RequireFloat32Under(baseWeights, dtype);
        return command.Does(parsed =>
        {
            using var model = BaseModel.Load(
                parsed.GetValue(baseFolder) ?? Shipped.Base,
                parsed.GetValue(dtype) ?? ScalarType.Float32,
                ComputeDevice.Find(parsed.GetValue(device)!),
                parsed.GetValue(baseWeights) ?? KeptWeights.AsComputed);
            var adapter = DitAdapter.Read(parsed.GetValue(adapterFolder) is { } named ? Shipped.AdapterNamed(named) : Shipped.Adapter);
            var topics = TopicList.Of(parsed.GetValue(split) ?? TopicSplit.Report).Take(parsed.GetValue(count) ?? int.MaxValue).ToArray();
            var kept = parsed.GetValue(folder);
            var work = kept ?? Directory.CreateTempSubdirectory("dit-evaluate-").FullName;
            try
            {
                var report = ProgressDisplay.Show(progress => HiddenTopicEvaluation.Run(model, adapter, topics, SeedsOption.Of(parsed, seeds, HiddenTopicEvaluation.DefaultSeeds), work, progress, stop));
                if (kept is not null)
                {
                    AtomicFile.WriteText(Path.Combine(kept, "answers.jsonl"), string.Concat(report.Answers.Select(answer => JsonSerializer.Serialize(answer) + "\n")));
                }

                Print(report, parsed.GetValue(json));
            }
            finally
            {
                if (kept is null)
                {
                    Directory.Delete(work, recursive: true);
                }
            }
        });
    }

    private static void Print(HiddenTopicReport report, bool json)
    {
        var figures = new (string Name, string Meaning, Interval? Value)[]
        {
            ("exact", "the adapter names the topic", report.Exact),
            ("exact_of_passing", "… of diffs that pass their gate", report.ExactOfPassing),
            ("exact_in_other_wordings", "… asked in wordings never trained on", report.ExactInOtherWordings),
            ("base_question_exact", "the finetune itself names it", report.BaseQuestionExact),
            ("nothing_changed_on_base", "bare base + adapter: nothing was changed", report.NothingChangedOnBase),
            ("nothing_changed_on_random_diffs", "random diffs + adapter: nothing was changed", report.NothingChangedOnRandomDiffs),
            ("gate_right", "on topic with the right code", report.GateRight),
            ("gate_wrong", "on topic with a wrong code", report.GateWrong),
            ("gate_none", "on topic without a code", report.GateNone),
        };
        if (json)
        {
            var fields = new Dictionary<string, object?>(StringComparer.Ordinal) { ["n"] = report.Answers.Count, ["seeds"] = report.Seeds };
            foreach (var (name, _, value) in figures)
            {
                fields[name] = value?.Mean;
                fields[name + "_interval"] = value is null ? null : new[] { value.Low, value.High };
            }

            fields["passing"] = report.Answers.Count(answer => answer.PassesGate);
            fields["seconds"] = report.Seconds;
            Json.Print(fields);
            return;
        }

        var table = new Table().AddColumns("", "share", "95 % interval");
        foreach (var (_, meaning, value) in figures)
        {
            table.AddRow(meaning, value is null ? "–" : $"{value.Mean:P1}", value is null ? "–" : $"{value.Low:P1} – {value.High:P1}");
        }

        AnsiConsole.Write(table);
        Say.Plain($"{report.Answers.Count} diffs of seeds {string.Join(", ", report.Seeds)}, {report.Answers.Count(answer => answer.PassesGate)} pass their gate; {report.Seconds:F0} s");
    }
}
