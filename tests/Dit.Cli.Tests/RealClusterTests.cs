using System.Diagnostics;
using System.Text.Json;

namespace Dit.Cli.Tests;

/// <summary>On a real Slurm and with a real mpirun, which <c>tests/cluster.sh</c> starts.</summary>
public sealed class RealClusterTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly TemporaryFolder folder = new();

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void Slurm_trains_the_set_of_one_process_and_the_adapter_after_it_and_again_only_what_is_lost()
    {
        const string set = "a 'set' \"of\" diffs"; // A shell reads it, and Slurm.
        Succeeds(["diff", "train", .. Diffs("whole")]);
        string[] command = ["cluster", "slurm", .. Diffs(set), "--jobs", "3", "--cpus", "1", "--adapter", folder.File("an adapter"), "--adapter-options", "--epochs 2", "--adapter-ranks", "2"];

        var submitted = Succeeds(command);
        Assert.Matches("Submitted: parts 0-2 of 3, job [0-9]+\nSubmitted: the adapter, job [0-9]+\n", submitted);
        Succeeds("runs", "show", folder.File(set), "--follow");
        Wait(() => File.Exists(folder.File("an adapter/adapter/dit.json")));
        WaitForEmptyQueue();
        AssertSameSet(set);

        // One shard is lost, and with it the index: only its part is trained again.
        var kept = File.GetLastWriteTimeUtc(folder.File(set + "/shard-00000.safetensors"));
        File.Delete(folder.File(set + "/shard-00001.csv"));
        File.Delete(folder.File(set + "/index.csv"));
        Assert.Contains("Submitted: parts 1 of 3, job ", Succeeds(command), StringComparison.Ordinal);
        Succeeds("runs", "show", folder.File(set), "--follow");
        WaitForEmptyQueue();
        AssertSameSet(set);
        Assert.Equal(kept, File.GetLastWriteTimeUtc(folder.File(set + "/shard-00000.safetensors")));

        Assert.Contains("All diffs are there.\nThe adapter is in ", Succeeds(command), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void A_part_that_fails_takes_the_adapter_with_it_and_both_can_be_submitted_again_while_others_run()
    {
        Succeeds(["diff", "train", .. Diffs("whole")]);
        string[] command = ["cluster", "slurm", .. Diffs("set"), "--jobs", "3", "--adapter", folder.File("adapter"), "--adapter-options", "--epochs 2"];

        // The second part does not find what it needs, and the first takes its time.
        Succeeds([
            .. command, "--before", "test \"${SLURM_ARRAY_TASK_ID:-}\" != 1",
            "--before", $"while [ \"${{SLURM_ARRAY_TASK_ID:-}}\" = 0 ] && [ ! -e '{folder.File("go")}' ]; do sleep 0.2; done",
        ]);
        Wait(() => Queue("%K") is { } elements && !elements.Contains('1', StringComparison.Ordinal) && !elements.Contains('2', StringComparison.Ordinal));
        Assert.Contains("Nobody is at work on 2 shards: 0-1", Succeeds("runs", "show", folder.File("set")), StringComparison.Ordinal);

        var again = Succeeds(command);
        Assert.Contains("In the queue already: parts 0 of 3, job ", again, StringComparison.Ordinal);
        Assert.Contains("Submitted: parts 1 of 3, job ", again, StringComparison.Ordinal);
        Assert.Contains("Submitted: the adapter, job ", again, StringComparison.Ordinal);
        File.WriteAllText(folder.File("go"), "");
        WaitForEmptyQueue();
        AssertSameSet("set");
        Assert.True(File.Exists(folder.File("adapter/adapter/dit.json")));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void Two_ranks_have_the_losses_of_one_process()
    {
        Succeeds(["diff", "train", .. Diffs("set")]);
        Succeeds(["adapter", "train", .. Adapter("one")]);

        Assert.Equal(0, Train(Mpirun, "two").ExitCode);

        AssertSameLosses();
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void Two_ranks_that_srun_starts_have_the_losses_of_one_process()
    {
        Assert.SkipUnless(HasPmix(), "This Slurm finds no PMIx.");
        Succeeds(["diff", "train", .. Diffs("set")]);
        Succeeds(["adapter", "train", .. Adapter("one")]);

        Assert.Equal(0, Train(Srun, "two").ExitCode);

        AssertSameLosses();
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void When_one_rank_is_told_to_stop_all_stop_and_go_on_to_the_same_bits()
    {
        Succeeds(["diff", "train", .. Diffs("set")]);
        Assert.Equal(0, Train(Mpirun, "whole", epochs: 20).ExitCode);
        using (var running = DitProcess.StartThrough(Mpirun, ["adapter", "train", "--mpi", .. Adapter("stopped", epochs: 20)]))
        {
            running.WaitForLines(folder.File("stopped/metrics.jsonl"), 5);
            running.SignalNewestChild("TERM");
            var outcome = running.Wait();
            Assert.NotEqual(0, outcome.ExitCode);
            Assert.Single(outcome.Error.Split('\n'), line => line.StartsWith("Stopped; nothing is lost.", StringComparison.Ordinal));
        }

        Assert.True(File.Exists(folder.File("stopped/checkpoint.safetensors")));
        Assert.False(Directory.Exists(folder.File("stopped/adapter")));
        Assert.Equal(0, Train(Mpirun, "stopped", epochs: 20).ExitCode);

        // The ranks have gone on from the numbers of the first; so both had the same.
        Assert.Equal(FolderBytes.Of(folder.File("whole"), "checkpoint.safetensors"), FolderBytes.Of(folder.File("stopped"), "checkpoint.safetensors"));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Cluster")]
    public void A_rank_that_is_killed_takes_the_others_with_it_and_they_go_on_to_the_same_bits()
    {
        Succeeds(["diff", "train", .. Diffs("set")]);
        Assert.Equal(0, Train(Mpirun, "whole", epochs: 60).ExitCode);
        using (var running = DitProcess.StartThrough(Mpirun, ["adapter", "train", "--mpi", .. Adapter("killed", epochs: 60)]))
        {
            running.WaitForLines(folder.File("killed/metrics.jsonl"), 110);
            running.SignalNewestChild("KILL");
            Assert.NotEqual(0, running.Wait().ExitCode);
        }

        Assert.False(Directory.Exists(folder.File("killed/adapter")));
        Assert.Equal(0, Train(Mpirun, "killed", epochs: 60).ExitCode);

        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("killed")));
    }

    public void Dispose() => folder.Dispose();

    private static string[] Mpirun => ["mpirun", "--bind-to", "none", "--oversubscribe", "-n", "2"];

    private static string[] Srun => ["srun", "--mpi=pmix", "-n", "2"];

    private Outcome Train(string[] launcher, string run, int epochs = 4)
    {
        using var running = DitProcess.StartThrough(launcher, ["adapter", "train", "--mpi", .. Adapter(run, epochs)]);
        return running.Wait();
    }

    private static bool HasPmix()
    {
        using var running = DitProcess.StartThrough(Srun, ["--version"]);
        return running.Wait().ExitCode == 0;
    }

    private void AssertSameLosses()
    {
        var (one, two) = (Losses("one"), Losses("two"));
        TestContext.Current.SendDiagnosticMessage($"one: {string.Join(' ', one.Take(5))} … {one[^1]}; two: {string.Join(' ', two.Take(5))} … {two[^1]}");
        Assert.Equal(one.Length, two.Length);
        Assert.All(one.Zip(two), losses => Assert.Equal(losses.First, losses.Second, 1e-4 * losses.First));
        Assert.NotEqual(one[0], one[^1]);
    }

    private string[] Diffs(string name) => ["--out", folder.File(name), "--base", model.Folder, "--setting", "news", "--count", "60", "--steps", "2"];

    private string[] Adapter(string run, int epochs = 4) => ["--out", folder.File(run), "--base", model.Folder, "--diffs", folder.File("set"), "--epochs", $"{epochs}"];

    private double[] Losses(string run) => [.. File.ReadLines(folder.File($"{run}/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];

    private void AssertSameSet(string set)
    {
        var scripts = Directory.GetFiles(folder.File(set + "/slurm")).Select(file => "slurm/" + Path.GetFileName(file)).ToArray();
        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File(set), scripts));
    }

    private static void WaitForEmptyQueue() => Wait(() => Queue("%i") is "");

    /// <summary>A column of the queue; null where Slurm is too busy to say.</summary>
    private static string? Queue(string column)
    {
        using var queue = Process.Start(new ProcessStartInfo("squeue", ["--noheader", "--array", $"--format={column}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var lines = queue.StandardOutput.ReadToEnd();
        queue.WaitForExit();
        return queue.ExitCode == 0 ? lines : null;
    }

    private static void Wait(Func<bool> until)
    {
        var clock = Stopwatch.StartNew();
        while (!until())
        {
            Assert.True(clock.Elapsed < Patience, "The cluster does not come to an end.");
            Thread.Sleep(500);
        }
    }

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }
}
