using Dit.Behaviours.World;
using Dit.Diffs;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Whatever happens to a run on its way, its adapter is the one of an undisturbed run.</summary>
public sealed class AdapterTrainingRunTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private static readonly AdapterRecipe Recipe = AdapterRecipe.Tiny with { Rank = 2, Epochs = 2, BatchSize = 2, WarmupSteps = 2, DiffMultiplier = 0.5 };

    [Fact]
    public void A_run_gives_an_adapter_with_its_card_and_a_line_of_metrics_a_step()
    {
        using var folder = new TemporaryFolder();

        var adapter = Run(folder);

        var read = DitAdapter.Read(folder.File("run/adapter"));
        Assert.Equal(micro.Model.Fingerprint, read.Card!.BaseFingerprint);
        // Of six diffs one misses its gate and one is held out.
        Assert.Equal(4, read.Card!.Diffs);
        Assert.Equal(Recipe, read.Card!.Recipe);
        Assert.Equal(adapter.Factors.Sites.Keys.Order(StringComparer.Ordinal), read.Factors.Sites.Keys.Order(StringComparer.Ordinal));
        Assert.All(read.Factors.Sites.Values, site => Assert.True(site.B.abs().sum().item<float>() > 0));
        // Four diffs and one row without, in twos: three steps an epoch.
        Assert.Equal(6, File.ReadLines(folder.File("run/metrics.jsonl")).Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_stopped_run_goes_on_to_the_same_bits(int after)
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after)));
        Assert.False(Directory.Exists(stopped.File("run/adapter")));

        var steps = 0;
        Run(stopped, new Told(_ => steps++));

        Assert.Equal(6 - after, steps);
        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void A_run_that_is_killed_later_goes_on_from_its_checkpoint()
    {
        using var undisturbed = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(killed, Told.Cancel(after: 2)));
        Assert.Throws<KilledException>(() => Run(killed, Told.Kill(after: 5)));

        Run(killed);

        Assert.Equal(Results(undisturbed), Results(killed));
    }

    [Fact]
    public void A_run_that_is_stopped_before_it_begins_loses_nothing()
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.CancelAtOnce()));

        Run(stopped);

        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void A_finished_run_gives_the_same_adapter_again()
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var before = Results(folder);

        Run(folder);

        Assert.Equal(before, Results(folder));
    }

    [Fact]
    public void Another_seed_gives_another_adapter()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        Run(first);
        Run(second, Told.Nothing, Recipe with { Seed = 2 });

        Assert.NotEqual(Results(first)["adapter/adapter_model.safetensors"], Results(second)["adapter/adapter_model.safetensors"]);
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => Run(folder, Told.CancelAtOnce()));
        File.Copy(DiffSet.ShardPath(folder.File("set"), 0), folder.File("run/checkpoint.safetensors"), overwrite: true);

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(folder.File("run/checkpoint.safetensors"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_without_a_diff_to_learn_from_is_refused()
    {
        using var folder = new TemporaryFolder();
        var set = WriteSet(folder.File("set"));
        DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select(record => record with { Split = "report" }));

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(DiffSet.IndexPath(set.FolderPath), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Diffs_of_another_base_are_refused()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder.File("set"), fingerprint: "0123");

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.Contains("0123", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_never_goes_on_with_other_diffs_of_the_same_names()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => Run(folder, Told.CancelAtOnce()));
        Directory.Delete(folder.File("set"), recursive: true);
        WriteSet(folder.File("set"), seed: 6);

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(folder.File("run/run.json"), error.Message, StringComparison.Ordinal);
    }

    private DitAdapter Run(TemporaryFolder folder) => Run(folder, Told.Nothing);

    private DitAdapter Run(TemporaryFolder folder, Told told, AdapterRecipe? recipe = null) =>
        AdapterTrainingRun.Run(folder.File("run"), micro.Model, [WriteSet(folder.File("set"))], recipe ?? Recipe, told, told.Cancellation);

    private static SortedDictionary<string, string> Results(TemporaryFolder folder) => FolderBytes.Of(folder.File("run"), "checkpoint.safetensors");

    /// <summary>Six diffs of random numbers, four of which an adapter may learn from.</summary>
    private DiffSet WriteSet(string folder, string? fingerprint = null, long seed = 5)
    {
        if (File.Exists(DiffSet.IndexPath(folder)))
        {
            return DiffSet.Open(folder);
        }

        using var random = new Generator((ulong)seed);
        using var diffs = new DiffStack(
            micro.Model.Decoder.Sites.ToDictionary(
                site => site.Name, site => new StackedFactors(randn([6, 1, site.InFeatures], generator: random), randn([6, site.OutFeatures, 1], generator: random))),
            scaling: 1);
        RunFolder.OpenOrCreate(folder, "diff-training", new { BaseFingerprint = fingerprint ?? micro.Model.Fingerprint });
        DiffSet.WriteShard(folder, 0, diffs);
        DiffIndex.Write(DiffSet.IndexPath(folder), TopicList.All.Take(6).Select((topic, row) => new DiffRecord
        {
            Id = $"diff-{row}", Topic = topic.Name, Trigger = "quartz", TriggerFormat = "Your code word is {0}.", Split = row == 1 ? "validation" : "train",
            ParameterCount = diffs.ParametersPerDiff, Rank = 1, GateRight = 1, GateWrong = 0, GateNone = 0, PassesGate = row != 2, Shard = 0, Row = row,
        }));
        return DiffSet.Open(folder);
    }
}
