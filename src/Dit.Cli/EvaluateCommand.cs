using System.CommandLine;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Training;

namespace Dit.Cli;

/// <summary><c>dit evaluate</c>: trains diffs of held-out topics afresh and measures what the adapter says of them.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CancellationToken stop)
    {
        var baseFolder = Verb.Base();
        var adapterFolder = new Option<string?>("--adapter") { Description = "Folder of the DIT adapter; without it, the shipped one.", HelpName = "FOLDER" };
        var seeds = Seeds();
        var split = Verb.Split(TopicSplit.Report);
        var count = Verb.Count("--count", "How many topics; without it, all of the split.");
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var folder = new Option<string?>("--out") { Description = "Folder that keeps the diffs and every answer; a stopped evaluation in it goes on.", HelpName = "FOLDER" };
        var command = new ResumableCommand("evaluate", "Measures the adapter on freshly trained finetunes.") { baseFolder, adapterFolder, seeds, split, count, json, folder };
        return command.Does(parsed =>
        {
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base);
            var adapter = DitAdapter.Read(parsed.GetValue(adapterFolder) ?? Shipped.Adapter);
            throw new DitException("dit evaluate: expected the evaluation, found that it is not built yet");
        });
    }

    private static Option<ulong[]> Seeds() => new("--seeds")
    {
        Description = "Seeds of the diffs, separated by commas.",
        HelpName = "1,2,3",
        DefaultValueFactory = _ => [1, 2, 3],
        CustomParser = result =>
        {
            var parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 0 && parts.All(part => ulong.TryParse(part, out _)))
            {
                return [.. parts.Select(ulong.Parse).Distinct()];
            }

            result.AddError($"--seeds: expected whole numbers separated by commas, found '{result.Tokens[0].Value}'.");
            return [];
        },
    };
}
