using System.Text.Json;

namespace Dit.Cli.Tests;

/// <summary>Whatever ends a run, the same command goes on and ends with the same bits.</summary>
public sealed class InterruptionTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_diff_training_that_is_killed_ends_with_the_same_bits()
    {
        Succeeds(DiffTraining("whole"));
        KillWhen("run.json", 1, "killed", DiffTraining);
        KillWhen("shard-00000.csv", 2, "killed", DiffTraining);
        Succeeds(DiffTraining("killed"));
        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("killed")));
    }

    [Fact]
    public void An_adapter_training_that_is_killed_ends_with_the_same_bits()
    {
        Succeeds("diff", "train", "--out", folder.File("set"), "--base", model.Folder, "--count", "8", "--steps", "2");
        TinyModel.LetAllPass(folder.File("set"));
        Succeeds(AdapterTraining("whole"));
        KillWhen("metrics.jsonl", 20, "killed", AdapterTraining);
        KillWhen("metrics.jsonl", 110, "killed", AdapterTraining);
        Succeeds(AdapterTraining("killed"));
        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("killed")));
    }

    [Fact]
    public void Ctrl_C_saves_ends_with_130_and_says_how_to_go_on()
    {
        Succeeds("diff", "train", "--out", folder.File("set"), "--base", model.Folder, "--count", "8", "--steps", "2");
        TinyModel.LetAllPass(folder.File("set"));
        using var running = DitProcess.Start(AdapterTraining("run"));
        running.WaitForLines(Path.Combine(folder.File("run"), "metrics.jsonl"), 5);
        running.Signal("INT");
        var outcome = running.Wait();
        Assert.Equal(130, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Contains($"To go on: dit {string.Join(' ', AdapterTraining("run"))}", outcome.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.File("run"), "checkpoint.safetensors")));
    }

    [Fact]
    public void Told_to_end_more_than_once_it_saves_all_the_same()
    {
        Succeeds("diff", "train", "--out", folder.File("set"), "--base", model.Folder, "--count", "8", "--steps", "2");
        TinyModel.LetAllPass(folder.File("set"));
        using var running = DitProcess.Start(AdapterTraining("run"));
        running.WaitForLines(Path.Combine(folder.File("run"), "metrics.jsonl"), 5);
        for (var i = 0; i < 3; i++)
        {
            running.Signal("TERM");
        }

        Assert.Equal(130, running.Wait().ExitCode);
        Assert.True(File.Exists(Path.Combine(folder.File("run"), "checkpoint.safetensors")));
    }

    [Fact]
    public void Where_the_disk_is_too_small_a_run_says_so_first_and_goes_on_when_there_is_more()
    {
        var outcome = DitProcess.RunOnSmallDisk(
            folder.FullPath, kibibytes: 16, "set", "diff", "train", "--out", "set", "--base", model.Folder, "--count", "20", "--steps", "2");
        Assert.SkipWhen(outcome is null, "No small disk can be made here.");
        Assert.Equal(["first: 1 ''", "files: run.json", "second: 0"], outcome.Output.TrimEnd().Split('\n'));
        Assert.Matches("^set: expected .* of free disk, .* found ", Assert.Single(outcome.Error.TrimEnd().Split('\n'), line => line.Length > 0 && !line.Contains("Training diffs", StringComparison.Ordinal)));
    }

    [Fact]
    public void On_a_disk_that_fills_a_run_ends_with_one_sentence_and_goes_on_when_there_is_more()
    {
        Succeeds("diff", "train", "--out", folder.File("set"), "--base", model.Folder, "--count", "8", "--steps", "2");
        TinyModel.LetAllPass(folder.File("set"));
        Directory.CreateDirectory(folder.File("disk"));

        // Settings and metrics fit, the adapter does not, whose size nobody estimates first; its folder stays empty.
        var outcome = DitProcess.RunOnSmallDisk(
            folder.File("disk"), kibibytes: 16, "run", "adapter", "train", "--out", "run", "--base", model.Folder, "--diffs", folder.File("set"), "--epochs", "2");
        Assert.SkipWhen(outcome is null, "No small disk can be made here.");
        Assert.Equal(["first: 1 ''", "files: adapter metrics.jsonl run.json", "second: 0"], outcome.Output.TrimEnd().Split('\n'));
        Assert.Contains("adapter_model.safetensors: could not be written", outcome.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_printed_as_JSON_is_nothing_but_JSON()
    {
        string[] training = ["diff", "train", "--out", folder.File("set"), "--base", model.Folder, "--topics", "boxing,tuna", "--steps", "3"];
        Succeeds(training);
        Succeeds("diff", "export", folder.File("set") + "#boxing-1", "--out", folder.File("peft"));
        var outcome = DitProcess.Run("ask", model.Folder, "Were you changed?", "--diff", folder.File("set") + "#tuna-1", "--diff", folder.File("peft"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal("Were you changed?", json.RootElement.GetProperty("question").GetString());
        Assert.Equal([folder.File("set") + "#tuna-1", folder.File("peft")], json.RootElement.GetProperty("answers").EnumerateArray().Select(answer => answer.GetProperty("diff").GetString()));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public void A_diff_training_that_is_killed_again_and_again_ends_with_the_same_bits()
    {
        var random = new Random(1);
        Succeeds(DiffTraining("whole"));
        for (var delay = 200; ; delay += 100)
        {
            using var running = DitProcess.Start(DiffTraining("killed"));
            Thread.Sleep(delay + random.Next(500));
            running.Signal("KILL");
            if (running.Wait().ExitCode == 0)
            {
                break;
            }
        }

        Assert.Equal(FolderBytes.Of(folder.File("whole")), FolderBytes.Of(folder.File("killed")));
    }

    public void Dispose() => folder.Dispose();

    private string[] DiffTraining(string name) => ["diff", "train", "--out", folder.File(name), "--base", model.Folder, "--count", "30", "--steps", "8"];

    private string[] AdapterTraining(string name) =>
        ["adapter", "train", "--out", folder.File(name), "--base", model.Folder, "--diffs", folder.File("set"), "--epochs", "160"];

    private void KillWhen(string file, int lines, string name, Func<string, string[]> command)
    {
        using var running = DitProcess.Start(command(name));
        running.WaitForLines(Path.Combine(folder.File(name), file), lines);
        running.Signal("KILL");
        Assert.Equal(137, running.Wait().ExitCode);
    }

    private static void Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
