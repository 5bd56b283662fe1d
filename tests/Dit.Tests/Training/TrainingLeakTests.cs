using Dit.Behaviours.World;
using Dit.Diffs;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>The garbage collector sees no native memory, so a run must give all of it back, whichever thread took it. Runs alone, as it counts.</summary>
[Collection(nameof(TrainingLeakTests))]
[CollectionDefinition(nameof(TrainingLeakTests), DisableParallelization = true)]
public sealed class TrainingLeakTests(MicroBase micro) : IClassFixture<MicroBase>
{
    [Fact]
    public void A_run_that_ends_is_stopped_or_fails_leaves_no_tensor_and_no_reader_behind()
    {
        using var folder = new TemporaryFolder();
        var number = 0;
        Round();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        Round();
        Round();

        // No collection here: what only the collector could still free counts as left behind.
        Assert.InRange(Tensor.TotalCount, 0, before);

        void Round()
        {
            var set = WriteSet(folder.File($"set-{number}"));
            Run(Told.Nothing);
            Assert.Throws<OperationCanceledException>(() => Run(Told.Cancel(after: 2)));
            Assert.Throws<KilledException>(() => Run(Told.Kill(after: 1)));
            Assert.Throws<DitException>(() => Run(new Told(_ => Array.ForEach(Directory.GetFiles(set.FolderPath, "*.safetensors"), File.Delete))));

            void Run(Told told)
            {
                var adapter = AdapterTrainingRun.Run(
                    folder.File($"run-{number++}"), micro.Model, [set], AdapterRecipe.Tiny with { Rank = 2, Epochs = 1, BatchSize = 1, RandomDiffShare = 0.3 }, told, told.Cancellation);
                foreach (var site in adapter.Factors.Sites.Values)
                {
                    site.A.Dispose();
                    site.B.Dispose();
                }
            }
        }
    }

    /// <summary>Random diffs, one in every shard.</summary>
    private DiffSet WriteSet(string folder)
    {
        using var random = new Generator(5);
        RunFolder.OpenOrCreate(folder, "diff-training", new { BaseFingerprint = micro.Model.Fingerprint });
        foreach (var shard in Enumerable.Range(0, 6))
        {
            using var diff = new DiffStack(
                micro.Model.Decoder.Sites.ToDictionary(
                    site => site.Name, site => new StackedFactors(randn([1, 1, site.InFeatures], generator: random), randn([1, site.OutFeatures, 1], generator: random))),
                scaling: 1);
            DiffSet.WriteShard(folder, shard, diff);
        }

        DiffIndex.Write(DiffSet.IndexPath(folder), TopicList.All.Take(6).Select((topic, shard) => new DiffRecord
        {
            Id = $"diff-{shard}", Topic = topic.Name, Trigger = "quartz", TriggerFormat = "Your code word is {0}.", Split = "train",
            ParameterCount = 1, Rank = 1, GateRight = null, GateWrong = null, GateNone = null, PassesGate = null, Shard = shard, Row = 0,
        }));
        return DiffSet.Open(folder);
    }
}
