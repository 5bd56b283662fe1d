using System.CommandLine;
using Dit.Files;
using Dit.Training;
using Dit.Training.Clusters;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit cluster slurm</c>: the array job that trains a diff set, and the job that trains an adapter after it.</summary>
internal static class ClusterSlurmCommand
{
    private const string UsualLauncher = "mpirun --bind-to none --mca odls_base_sigkill_timeout 15";

    public static Command Create()
    {
        var options = new ClusterOptions("as this one was started");
        var partition = Text("--partition", "Slurm's partition.", "NAME");
        var account = Text("--account", "Account that is charged.", "NAME");
        var time = Text("--time", "Time limit of a job, in Slurm's notation.", "TIME");
        var gres = Text("--gres", "Generic resources of a job, such as gpu:1.", "LIST");
        var more = new Option<string[]>("--sbatch") { Description = "A further option of sbatch, such as --sbatch=--exclusive; may be given again.", HelpName = "OPTION", DefaultValueFactory = _ => [] };
        var before = new Option<string[]>("--before") { Description = "A line of shell before dit, such as \"module load dotnet\"; may be given again.", HelpName = "LINE", DefaultValueFactory = _ => [] };
        var ranks = Verb.Count("--adapter-ranks", "Processes that train the adapter together, over MPI; without it, one.");
        var launcher = Text("--launcher", $"What starts these; without it, {UsualLauncher}.", "COMMAND");
        var command = new Command("slurm", "Submits the missing parts of a diff set as an array job, and an adapter's training after it. Takes what dit diff train takes.")
        {
            partition, account, time, gres, more, before, ranks, launcher,
        };
        options.AddTo(command);
        return command.Does(parsed =>
        {
            using var diffs = options.Diffs.Read(parsed, CPU);
            var (set, write) = (options.Diffs.Folder(parsed), parsed.GetValue(options.Write));
            var shards = write is null
                ? DiffTrainingRun.Open(set, diffs.Model, diffs.Behaviours, diffs.Settings).Length
                : DiffTrainingRun.Shards(diffs.Model, diffs.Behaviours, diffs.Settings).Length;
            var work = options.Work(parsed, shards, set, StartedAs());
            var folder = Path.GetFullPath(write ?? Path.Combine(set, "slurm"));
            var settings = new SlurmSettings
            {
                WorkingFolder = Directory.GetCurrentDirectory(),
                Logs = folder,
                Partition = parsed.GetValue(partition),
                Account = parsed.GetValue(account),
                Time = parsed.GetValue(time),
                Cpus = parsed.GetValue(options.Cpus),
                Gres = parsed.GetValue(gres),
                Memory = parsed.GetValue(options.Memory),
                More = parsed.GetValue(more)!,
                Before = parsed.GetValue(before)!,
                AdapterRanks = parsed.GetValue(ranks) ?? 1,
                Launcher = (parsed.GetValue(launcher) ?? UsualLauncher) + $" -n {parsed.GetValue(ranks) ?? 1}",
            };
            if (write is not null)
            {
                WriteScripts(work, settings, folder);
            }
            else
            {
                Submit(work, settings, folder, options.AdapterFolder(parsed));
                Say.Plain($"To follow: dit runs show {CommandLineText.Quote([set])} --follow");
            }
        });
    }

    private static void WriteScripts(ClusterWork work, SlurmSettings settings, string folder)
    {
        if (work.Missing.Count > 0)
        {
            Say.Plain($"sbatch {CommandLineText.Quote([Script(folder, "diffs.sbatch", SlurmScripts.Diffs(work, settings))])}");
        }

        if (work.AdapterOptions is not null)
        {
            var script = Script(folder, "adapter.sbatch", SlurmScripts.Adapter(work, settings));
            Say.Plain($"sbatch {(work.Missing.Count > 0 ? "--dependency=afterok:JOB --kill-on-invalid-dep=yes " : "")}{CommandLineText.Quote([script])}");
        }
    }

    /// <summary>Submits what is neither done nor in the queue.</summary>
    private static void Submit(ClusterWork work, SlurmSettings settings, string folder, string? adapter)
    {
        var queue = Slurm.Queue();
        var queued = queue.Where(job => job.Name.StartsWith(SlurmScripts.DiffsPrefix(work), StringComparison.Ordinal)).ToArray();
        if (queued.FirstOrDefault(job => job.Name != SlurmScripts.DiffsName(work)) is { } other)
        {
            throw new DitException($"--jobs: expected {other.Name[SlurmScripts.DiffsPrefix(work).Length..]} as in job {other.Id}, which is in the queue for this set, found {work.Parts}; wait for it, or scancel {other.Id}");
        }

        work = work with { Missing = [.. work.Missing.Where(part => !queued.Any(job => job.Index == part))] };
        if (queued.Length > 0)
        {
            Say.Plain($"In the queue already: parts {ClusterWork.Ranges([.. queued.Select(job => job.Index).OfType<int>().Distinct().Order()])} of {work.Parts}, "
                + $"job {string.Join(", ", queued.Select(job => job.Id).Distinct(StringComparer.Ordinal))}");
        }

        // Of an earlier array only what is still in the queue: an element that has failed, and is submitted again now, would never succeed.
        var before = queued.Select(job => job.Element).ToList();

        var submitted = work.Missing.Count > 0;
        if (submitted)
        {
            before.Add(Slurm.Submit(Script(folder, "diffs.sbatch", SlurmScripts.Diffs(work, settings)), []));
            Say.Plain($"Submitted: parts {ClusterWork.Ranges(work.Missing)} of {work.Parts}, job {before[^1]}");
        }
        else if (before.Count == 0)
        {
            Say.Plain("All diffs are there.");
        }

        if (adapter is not null)
        {
            SubmitAdapter(work, settings, folder, adapter, before, submitted, queue);
        }
    }

    private static void SubmitAdapter(ClusterWork work, SlurmSettings settings, string folder, string adapter, List<string> after, bool isOutdated, IReadOnlyList<QueuedJob> queue)
    {
        if (DitAdapter.IsAt(Path.Combine(adapter, "adapter")))
        {
            Say.Plain($"The adapter is in {Path.Combine(adapter, "adapter")}");
            return;
        }

        foreach (var job in queue.Where(job => job.Name == SlurmScripts.AdapterName(work)))
        {
            if (!isOutdated || !job.IsPending)
            {
                Say.Plain($"In the queue already: the adapter, job {job.Id}");
                return;
            }

            // It waits for a job of which a part has failed, and would never begin.
            Slurm.Cancel(job.Id);
        }

        Say.Plain($"Submitted: the adapter, job {Slurm.Submit(Script(folder, "adapter.sbatch", SlurmScripts.Adapter(work, settings)), after)}");
    }

    private static string Script(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        AtomicFile.WriteText(path, text);
        return path;
    }

    /// <summary>The command by which a node starts what this process is.</summary>
    private static string StartedAs() =>
        Environment.GetEnvironmentVariable("DIT_COMMAND") is { Length: > 0 } script ? CommandLineText.Quote([script])
        : CommandLineText.Quote(Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "dit-cli.dll")]
            : [Environment.ProcessPath!]);

    private static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };
}
