using System.CommandLine;
using Dit.Training;

namespace Dit.Cli;

/// <summary><c>dit diff train</c>: a set of diffs with hidden topics or news stories, of the built-in world or of a file.</summary>
internal static class DiffTrainCommand
{
    public static Command Create(CancellationToken stop)
    {
        var options = new DiffTrainOptions();
        var shard = new Option<WorkPart?>("--shard")
        {
            Description = "Does only part I of N of the work, I from 0 to N-1; others may do theirs in the same folder at the same time, on any machine. The set is the same.",
            HelpName = "I/N",
            CustomParser = result =>
            {
                var part = WorkPart.Parse(result.Tokens[0].Value);
                if (part is null)
                {
                    result.AddError($"--shard: expected I/N with I from 0 to N-1, such as 0/8, found '{result.Tokens[0].Value}'.");
                }

                return part;
            },
        };
        var command = new ResumableCommand("train", "Trains many finetunes at once, each with a topic that it hides behind a code, or with a news story.")
        {
            Left = "finished shards are kept, those in work begin anew",
        };
        command.Add(shard);
        options.AddTo(command);
        return command.Does(parsed =>
        {
            var (folder, part) = (options.Folder(parsed), parsed.GetValue(shard) ?? WorkPart.Whole);
            using var work = options.Read(parsed, options.DeviceOf(parsed));
            var set = ProgressDisplay.Show(progress => DiffTrainingRun.RunPart(folder, work.Model, work.Behaviours, work.Settings, part, progress, stop));
            if (set is null)
            {
                Say.Plain($"Part {part} of {folder} is done; other parts are not yet. See: dit runs show {CommandLineText.Quote([folder])}");
                return;
            }

            GateSummary.Print(set.Records);
            Say.Plain($"The diffs are in {set.FolderPath}; one of them is {set.FolderPath}#{(set.Records.FirstOrDefault(record => record.PassesGate == true) ?? set.Records[0]).Id}");
        });
    }
}
