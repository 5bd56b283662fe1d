using System.Text.Json;

namespace Dit.Training.DataParallel;

/// <summary>Several processes train the adapter that one would, but for the order in which numbers are added up.</summary>
public sealed class DataParallelTests(MicroBase micro) : IClassFixture<MicroBase>
{
    // Four diffs, and rows of every other kind: two steps an epoch, the second with fewer rows.
    private static readonly AdapterRecipe Recipe = AdapterRecipe.Tiny with { Rank = 2, Epochs = 3, BatchSize = 4, WarmupSteps = 2, RandomDiffShare = 0.15, SiteDropout = 0.2 };

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void The_losses_and_the_adapter_are_those_of_one_process(int ranks, bool countPadding)
    {
        using var folder = new TemporaryFolder();
        var recipe = Recipe with { CountPadding = countPadding };
        var alone = Run(folder, "alone", new SingleProcess(), recipe);
        var together = Lockstep.Run(ranks, communicator => Run(folder, "together", communicator, recipe));

        var (expected, found) = (Losses(folder, "alone"), Losses(folder, "together"));
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * pair.First));
        foreach (var (site, factors) in alone.Factors.Sites)
        {
            Assert.All(together, adapter => Assert.Equal(0, (adapter.Factors.Sites[site].B - factors.B).abs().max().item<float>(), 1e-3));
            // All ranks have the same bits, or they would drift apart.
            Assert.All(together, adapter => Assert.Equal(together[0].Factors.Sites[site].B.bytes.ToArray(), adapter.Factors.Sites[site].B.bytes.ToArray()));
        }
    }

    [Fact]
    public void When_one_is_stopped_all_stop_and_they_go_on_to_the_same_bits()
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Lockstep.Run(2, ranks => Run(undisturbed, "run", ranks));
        Assert.Throws<OperationCanceledException>(() => Lockstep.Run(2, ranks => Run(stopped, "run", ranks, told: ranks.Rank == 1 ? Told.Cancel(after: 3) : Told.Nothing)));
        Assert.Equal(3, Losses(stopped, "run").Length);

        Lockstep.Run(2, ranks => Run(stopped, "run", ranks));

        Assert.Equal(FolderBytes.Of(undisturbed.File("run"), "checkpoint.safetensors"), FolderBytes.Of(stopped.File("run"), "checkpoint.safetensors"));
    }

    [Fact]
    public void Another_number_of_processes_goes_on_with_a_stopped_run()
    {
        using var folder = new TemporaryFolder();
        Run(folder, "alone", new SingleProcess());
        Assert.Throws<OperationCanceledException>(() => Lockstep.Run(2, ranks => Run(folder, "run", ranks, told: Told.Cancel(after: 2))));

        Run(folder, "run", new SingleProcess());

        Assert.All(Losses(folder, "alone").Zip(Losses(folder, "run")), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * pair.First));
    }

    [Fact]
    public void More_processes_than_rows_are_refused()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<DitException>(() => Lockstep.Run(5, ranks => Run(folder, "run", ranks)));

        Assert.Equal($"{folder.File("run")}: expected at most 4 processes, one for each row of a batch, found 5", error.Message);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    private DitAdapter Run(TemporaryFolder folder, string run, ICommunicator ranks, AdapterRecipe? recipe = null, Told? told = null) => AdapterTrainingRun.Run(
        folder.File(run), micro.Model, [AdapterTrainingRunTests.WriteSet(micro, folder.File("set"))], recipe ?? Recipe, ranks, told, told?.Cancellation ?? default);

    private static double[] Losses(TemporaryFolder folder, string run) =>
        [.. File.ReadLines(folder.File($"{run}/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];
}
