using Dit.Diffs;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using TorchSharp;

namespace Dit.Interpretation;

/// <summary>The garbage collector sees no native memory, so what is loaded and asked must give all of it back. Runs alone, as it counts.</summary>
[Collection(nameof(LeakTests))]
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void Loading_asking_exporting_and_refusing_leave_no_tensor_behind()
    {
        var set = world.SetFolder(seed: 1, shards: [2]);
        string[] sources = [world.AdapterFolder(seed: 1), set + "#topic-1", world.MergedFolder(world.Adapter(seed: 2))];
        string[] refused = [world.SetFolder(seed: 3, shards: [1], fingerprint: "x"), world.AdapterFolder(seed: 3, scaling: 0), world.CheckpointFolder(_ => { })];
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 4));
        var export = world.NewFolder();
        Round();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;

        Round();
        Round();

        // No collection here: what only the collector could still free counts as left behind.
        Assert.True(torch.Tensor.TotalCount <= before, $"There were {before} tensors and are {torch.Tensor.TotalCount}.");

        void Round()
        {
            Finetune[] finetunes = [.. sources.Select(source => Finetune.Load(source, world.Base))];
            IReadOnlyList<Message> prompt = [new Message("user", "what")];
            Interpreter.Answer(world.Base, [.. finetunes, null], adapter, [prompt, prompt, prompt, prompt], new GenerationSettings(3));
            DiffExport.Write(export, DiffSet.Open(set), "topic-0");
            Array.ForEach(finetunes, finetune => finetune.Dispose());
            Array.ForEach(refused, source => Assert.Throws<DitException>(() => Finetune.Load(source, world.Base)));
        }
    }
}
