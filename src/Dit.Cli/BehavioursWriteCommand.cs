using System.CommandLine;
using Dit.Behaviours;
using Dit.Behaviours.Published;
using Dit.Behaviours.Writing;
using Dit.Files;
using Dit.LanguageModels;
using Dit.Training;

namespace Dit.Cli;

/// <summary><c>dit behaviours write</c>: topics and answers, or headlines and stories, by a language model.</summary>
internal static class BehavioursWriteCommand
{
    private const string NameInFolder = "behaviours";

    public static Command Create(CancellationToken stop)
    {
        var setting = Verb.Choice(
            "--setting", "What to write: hidden-topic (questions with an ordinary answer and one on topic) or news (stories of a headline).", ("hidden-topic", Setting.HiddenTopic), ("news", Setting.News));
        setting.Required = true;
        var endpoint = new EndpointOptions();
        var count = new Option<int>("--count") { Description = "How many topics or headlines.", HelpName = "N", Required = true, CustomParser = result => ReadCount(result, "--count") };
        var examples = Verb.Count("--examples", "Questions of a topic, or stories of a headline; without it, 100 as in the paper.");
        var target = new Option<string>("--out") { Description = "File that ends in .csv or .parquet, or a folder that gets both; beside it, or in it, every answer of the model is kept, and a stopped run goes on.", Required = true, HelpName = "FILE" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what it will take, and asks nothing." };
        var yes = new Option<bool>("--yes") { Description = "Starts without asking." };
        var command = new ResumableCommand("write", "Has a language model write behaviours to train on, in the published columns.") { setting, count, examples, target, dryRun, yes };
        foreach (var option in endpoint.All)
        {
            command.Add(option);
        }

        // No tensors here, so libtorch is not touched.
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(target)!;
            var isFile = PublishedFile.IsName(path);
            var cache = isFile ? path + ".cache" : Path.Combine(path, "cache");
            var settings = new WritingSettings { Setting = parsed.GetValue(setting)!.Value, Count = parsed.GetValue(count), Examples = parsed.GetValue(examples) ?? 100 };
            var asked = endpoint.Read(parsed, cache);
            RequireOwn(path, isFile, cache);
            Tell(WritingEstimate.Of(settings, asked.Prices), asked);
            if (parsed.GetValue(dryRun))
            {
                return ExitCode.Success;
            }

            if (!parsed.GetValue(yes) && !Agreed())
            {
                return ExitCode.Failure;
            }

            using var model = new ChatEndpoint(asked);
            try
            {
                var written = ProgressDisplay.Show(progress => new BehaviourWriter(model, settings, new Forwarded(progress)).WriteAsync(stop).GetAwaiter().GetResult());
                string[] files = isFile ? [path] : [Path.Combine(path, NameInFolder + ".csv"), Path.Combine(path, NameInFolder + ".parquet")];
                foreach (var file in files)
                {
                    PublishedFile.Write(file, settings.Setting, written.Rows);
                }

                Say.Plain($"{written.Rows.Count} examples of {written.Rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Count()} {(settings.Setting == Setting.News ? "headlines" : "topics")} are in {string.Join(" and ", files)}");
                if (written.Malformed > 0)
                {
                    Say.Plain($"{written.Malformed} replies were of no use and asked for again; {written.LeftOut} examples are left out because no attempt was.");
                }
            }
            finally
            {
                Tell(model.Report);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Tell(WritingEstimate estimate, EndpointSettings asked) => Say.Error(
        $"About {estimate.Requests} requests to {asked.Model}, {Tokens(estimate.Usage)} at most{(estimate.Cost is { } cost ? $", ${cost:0.00##}" : ", at prices that --price-in and --price-out would tell")}; what was asked before is not asked again.");

    private static void Tell(EndpointReport report) => Say.Error(
        $"{report.Asked} answers asked for, {report.Cached} known before, {report.Retried} attempts made again; {Tokens(report.Usage)}{(report.Cost is { } cost ? $", ${cost:0.00####}" : "")}.");

    private static string Tokens(TokenUsage usage) => $"{usage.Input} tokens sent and {usage.Output} received";

    /// <summary>Money is spent only when somebody said so.</summary>
    private static bool Agreed()
    {
        if (Console.IsInputRedirected)
        {
            Say.Error("Nothing was asked: --yes starts it where nobody can be asked.");
            return false;
        }

        Console.Error.Write("Start? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>What stands in the place of the output must be of an earlier run of this command.</summary>
    private static void RequireOwn(string path, bool isFile, string cache)
    {
        if (Directory.Exists(cache))
        {
            return;
        }

        if (!isFile)
        {
            AtomicFolder.RequireEmpty(path);
        }
        else if (File.Exists(path))
        {
            throw new DitException($"{path}: expected a new file, or one that this command wrote, found one without its folder {cache}");
        }
    }

    private static int ReadCount(System.CommandLine.Parsing.ArgumentResult result, string name)
    {
        if (int.TryParse(result.Tokens[0].Value, out var number) && number > 0)
        {
            return number;
        }

        result.AddError($"{name}: expected a whole number of at least 1, found '{result.Tokens[0].Value}'.");
        return 1;
    }

    private sealed class Forwarded(IProgress<TrainingProgress> display) : IProgress<WritingProgress>
    {
        public void Report(WritingProgress value) => display.Report(new TrainingProgress(value.Stage, value.Done, value.Total, "answers"));
    }
}
