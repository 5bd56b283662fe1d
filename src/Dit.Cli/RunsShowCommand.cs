using System.CommandLine;
using System.Globalization;
using Dit.Training;
using Dit.Training.Clusters;
using Spectre.Console;

namespace Dit.Cli;

/// <summary><c>dit runs show</c>: how far a run is, whichever processes on whichever machines are at work on it.</summary>
internal static class RunsShowCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The run's folder, such as that of a diff set." };
        var follow = new Option<bool>("--follow") { Description = "Looks again every few seconds until the run is finished." };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object, and with --follow one whenever something has changed." };
        var command = new Command("show", "Shows how far a run is: each shard, loss, rate, and what is missing.") { folder, follow, json };
        return command.Does(parsed =>
        {
            var path = parsed.GetValue(folder)!;
            Action<RunStatus> print = parsed.GetValue(json) ? status => Json.Print(status) : Print;
            var status = RunStatus.Read(path);
            print(status);
            while (parsed.GetValue(follow) && !status.IsFinished)
            {
                Thread.Sleep(Interval);
                var now = RunStatus.Read(path);
                if (Head(now) != Head(status) || !now.ShardsInWork.SequenceEqual(status.ShardsInWork))
                {
                    Console.WriteLine();
                    print(now);
                }

                status = now;
            }
        });
    }

    private static void Print(RunStatus status)
    {
        Say.Plain(Head(status));
        if (status.ShardsInWork.Count > 0)
        {
            var table = new Table().AddColumns("shard", "steps", "loss", "steps/s", "where", "last word");
            foreach (var (shard, work) in status.ShardsInWork)
            {
                table.AddRow(
                    $"{shard}", $"{work.Done} of {work.Total}", $"{work.Loss:0.000}", $"{work.StepsPerSecond:0.00}", Say.Cell($"{work.Machine}, process {work.Process}"), LastWord(work));
            }

            AnsiConsole.Write(table);
        }

        if (status.Working is { } running)
        {
            Say.Plain($"At work: {running.Machine}, process {running.Process}; last word {LastWord(running)}");
        }

        if (status.MissingShards.Count > 0)
        {
            Say.Plain($"Nobody is at work on {status.MissingShards.Count} shards: {ClusterWork.Ranges(status.MissingShards)}");
        }
    }

    private static string Head(RunStatus status)
    {
        List<string> parts = [$"{status.Done}{(status.Total is { } total ? $" of {total}" : "")} {status.Unit}"];
        if (status.Shards is { } shards)
        {
            parts.Add($"{status.FinishedShards} of {shards} shards");
        }

        if (status.Loss is { } loss)
        {
            parts.Add($"loss {loss:0.000}");
        }

        if (status.PerSecond > 0)
        {
            parts.Add(status.PerSecond >= 1 ? $"{status.PerSecond:0.0} {status.Unit}/s" : $"{status.PerSecond * 60:0.0} {status.Unit}/min");
        }

        if (status.PerSecond > 0 && status.Total is { } all && !status.IsFinished)
        {
            parts.Add($"about {Time(TimeSpan.FromSeconds((all - status.Done) / status.PerSecond))} left");
        }

        return $"{status.Folder}: {status.Kind}, {(status.IsFinished ? "finished" : "not finished")}, {string.Join(", ", parts)}";
    }

    private static string LastWord(WorkProgress work)
    {
        var now = DateTimeOffset.UtcNow;
        return $"{Time(now - work.Updated)} ago{(RunStatus.IsSilent(work, now) ? "; it has probably ended" : "")}";
    }

    private static string Time(TimeSpan time) => time.TotalMinutes < 1
        ? $"{Math.Max(0, (int)time.TotalSeconds)} s"
        : time.TotalHours < 1 ? $"{(int)time.TotalMinutes} min" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h");
}
