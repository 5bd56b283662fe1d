using System.Runtime.InteropServices;
using System.Text.Json;
using Dit.Training.Clusters;

namespace Dit.Cli.Tests;

/// <summary>Many processes, one set.</summary>
public sealed class ClusterTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Two_processes_at_once_leave_what_one_leaves()
    {
        Assert.Equal(0, DitProcess.Run([.. Training("whole")]).ExitCode);
        using var first = DitProcess.Start([.. Training("shared"), "--shard", "0/2"]);
        using var second = DitProcess.Start([.. Training("shared"), "--shard", "1/2"]);
        Outcome[] outcomes = [first.Wait(), second.Wait()];

        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.ToString()));
        Assert.Contains(outcomes, outcome => outcome.Output.Contains("The diffs are in ", StringComparison.Ordinal));
        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("shared")));
    }

    [Fact]
    public void Slurm_gets_what_is_missing_and_nothing_twice()
    {
        using var slurm = new FakeSlurm();
        Assert.Equal(0, DitProcess.Run([.. Training("whole")]).ExitCode);
        var name = "dit-diffs-" + ClusterWork.NameOf(folder.File("set"));
        var adapter = "dit-adapter-" + ClusterWork.NameOf(folder.File("set"));

        // Three shards are at most three parts.
        Assert.Contains("Submitted: parts 0-2 of 3, job 1", Submit(slurm), StringComparison.Ordinal);
        Assert.Equal(["sbatch --parsable diffs.sbatch", "sbatch --parsable --dependency=afterok:1 --kill-on-invalid-dep=yes adapter.sbatch"], Names(slurm.TakeLog()));
        Assert.Equal("#SBATCH --array=0-2", slurm.Line(1, "#SBATCH --array"));
        Assert.Equal($"#SBATCH --job-name={name}-3", slurm.Line(1, "#SBATCH --job-name"));

        // One part runs, the others have failed: they come again, and the adapter, which could never begin, waits for these and for the one that runs.
        slurm.Queue($"1|0|R|{name}-3", $"2|N/A|PD|{adapter}");
        Assert.Contains("Submitted: parts 1-2 of 3, job 3", Submit(slurm), StringComparison.Ordinal);
        Assert.Equal(["sbatch --parsable diffs.sbatch", "scancel 2", "sbatch --parsable --dependency=afterok:1_0:3 --kill-on-invalid-dep=yes adapter.sbatch"], Names(slurm.TakeLog()));

        // With another number of parts, an index would mean other shards.
        var other = Start(slurm, "--jobs", "2");
        Assert.Equal(1, other.ExitCode);
        Assert.StartsWith("--jobs: expected 3 as in job 1, which is in the queue for this set, found 2", other.Error, StringComparison.Ordinal);

        // All are in the queue.
        slurm.Queue($"1|0|R|{name}-3", $"3|1|R|{name}-3", $"3|2|PD|{name}-3", $"4|N/A|PD|{adapter}");
        Submit(slurm);
        Assert.Empty(slurm.TakeLog());

        // Two of them are done, at the same time.
        using (var one = DitProcess.StartScript(slurm.Job(3), "SLURM_ARRAY_TASK_ID=1"))
        using (var two = DitProcess.StartScript(slurm.Job(3), "SLURM_ARRAY_TASK_ID=2"))
        {
            Assert.All([one.Wait(), two.Wait()], outcome => Assert.True(outcome.ExitCode == 0, outcome.ToString()));
        }

        slurm.Queue();
        Submit(slurm);
        Assert.Equal("#SBATCH --array=0", slurm.Line(5, "#SBATCH --array"));
        slurm.TakeLog();
        using (var last = DitProcess.StartScript(slurm.Job(5), "SLURM_ARRAY_TASK_ID=0"))
        {
            Assert.Equal(0, last.Wait().ExitCode);
        }

        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("set"), "slurm/diffs.sbatch", "slurm/adapter.sbatch"));
        Assert.Contains("All diffs are there.", Submit(slurm), StringComparison.Ordinal);
        Assert.Equal(["sbatch --parsable adapter.sbatch"], Names(slurm.TakeLog()));
        using (var train = DitProcess.StartScript(slurm.Job(7)))
        {
            var outcome = train.Wait();
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
        }

        Assert.Contains($"The adapter is in {folder.File("adapter/adapter")}", Submit(slurm), StringComparison.Ordinal);
        Assert.Empty(slurm.TakeLog());
    }

    [Fact]
    public void Scripts_can_be_written_without_a_cluster()
    {
        var outcome = DitProcess.Run(["cluster", "slurm", .. Options("set"), "--jobs", "2", "--write", folder.File("scripts"), "--before", "module load dotnet", "--sbatch=--exclusive"]);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal($"sbatch {folder.File("scripts/diffs.sbatch")}\n", outcome.Output);
        Assert.Contains("\n#SBATCH --exclusive\nset -e\nmodule load dotnet\nexec ", File.ReadAllText(folder.File("scripts/diffs.sbatch")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("set")));
    }

    [Fact]
    public void Kubernetes_gets_what_the_volume_lacks()
    {
        Assert.Equal(0, DitProcess.Run([.. Training("volume/runs/set"), "--shard", "1/3"]).ExitCode);
        string[] command = ["cluster", "kubernetes", "--out", "runs/set", "--setting", "news", "--count", "60", "--jobs", "3", "--image", "dit:1", "--claim", "work", "--write", folder.File("yaml")];

        var all = DitProcess.Run([.. command, "--adapter", "runs/adapter"]);
        Assert.True(all.ExitCode == 0, all.ToString());
        Assert.Contains("set -- 0 1 2;", File.ReadAllText(folder.File("yaml/diffs.yaml")), StringComparison.Ordinal);
        Assert.Contains("dit adapter train --out runs/adapter --diffs runs/set", File.ReadAllText(folder.File("yaml/adapter.yaml")), StringComparison.Ordinal);
        Assert.Equal(3, all.Output.TrimEnd().Split('\n').Length);

        var missing = DitProcess.Run([.. command, "--volume", folder.File("volume")]);
        Assert.True(missing.ExitCode == 0, missing.ToString());
        Assert.Contains("completions: 2\n", File.ReadAllText(folder.File("yaml/diffs.yaml")), StringComparison.Ordinal);
        Assert.Contains("set -- 0 2;", File.ReadAllText(folder.File("yaml/diffs.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_shown_with_what_it_lacks()
    {
        Assert.Equal(0, DitProcess.Run([.. Training("set"), "--shard", "0/3"]).ExitCode);

        var shown = DitProcess.Run("runs", "show", folder.File("set"));
        Assert.Matches("diff-training, not finished, 24 of 60 diffs, 1 of 3 shards, loss [0-9.]+\nNobody is at work on 2 shards: 1-2\n$", shown.Output);

        Assert.Equal(0, DitProcess.Run([.. Training("set")]).ExitCode);
        using var json = JsonDocument.Parse(DitProcess.Run("runs", "show", folder.File("set"), "--follow", "--json").Output);
        Assert.True(json.RootElement.GetProperty("is_finished").GetBoolean());
        Assert.Equal(60, json.RootElement.GetProperty("done").GetInt32());
    }

    [Fact]
    public void What_is_no_run_is_named() => DitProcess.Refuses("no-such-run", "runs", "show", folder.File("no-such-run"));

    [Fact]
    public void An_adapter_over_MPI_without_mpirun_is_refused() =>
        DitProcess.Refuses("--mpi: expected to be started by mpirun", "adapter", "train", "--out", folder.File("run"), "--diffs", folder.File("set"), "--mpi");

    [Fact]
    public void An_adapter_over_MPI_without_Open_MPI_is_refused()
    {
        Assert.SkipWhen(NativeLibrary.TryLoad("libmpi.so.40", out _), "There is an Open MPI on this machine.");
        using var running = DitProcess.StartWith("OMPI_COMM_WORLD_SIZE", "2", "adapter", "train", "--out", folder.File("run"), "--diffs", folder.File("set"), "--mpi");
        Assert.Equal("--mpi: expected Open MPI (libmpi.so.40, Debian's libopenmpi3 with openmpi-bin) on this machine, found none\n", running.Wait().Error);
    }

    [Fact]
    public void Where_there_is_no_Slurm_it_says_how_to_do_without()
    {
        Assert.SkipWhen(File.Exists("/usr/bin/squeue"), "There is a Slurm on this machine.");
        DitProcess.Refuses("--write FOLDER", ["cluster", "slurm", .. Options("set"), "--jobs", "2"]);
    }

    public void Dispose() => folder.Dispose();

    private string[] Options(string name) => ["--out", folder.File(name), "--base", model.Folder, "--setting", "news", "--count", "60", "--steps", "2"];

    private string[] Training(string name) => ["diff", "train", .. Options(name)];

    private string Submit(FakeSlurm slurm)
    {
        var outcome = Start(slurm, "--jobs", "5");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }

    private Outcome Start(FakeSlurm slurm, params string[] jobs)
    {
        using var running = DitProcess.StartWith(
            "PATH", slurm.Path, ["cluster", "slurm", .. Options("set"), .. jobs, "--adapter", folder.File("adapter"), "--adapter-options", "--epochs 1"]);
        return running.Wait();
    }

    /// <summary>Commands with the names of scripts in place of their paths.</summary>
    private static string[] Names(string[] commands) => [.. commands.Select(command => string.Join(' ', command.Split(' ').Select(word => word.StartsWith('/') ? Path.GetFileName(word) : word)))];
}
