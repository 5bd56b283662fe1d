using System.Globalization;
using System.Runtime.InteropServices;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

public sealed class MemoryEstimateTests
{
    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 20_000, HiddenSize = 384, IntermediateSize = 1152, LayerCount = 6, HeadCount = 6, KeyValueHeadCount = 3, HeadSize = 64,
    };

    [Fact]
    public void Weights_and_cache_are_counted_exactly()
    {
        var estimate = MemoryEstimate.OfAsking(s_config, ScalarType.BFloat16, rows: 3, promptTokens: 50, answerTokens: 14);
        Assert.Equal(2 * Decoder.WeightShapes(s_config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)), Bytes(estimate, "weights"));
        Assert.Equal(2L * 6 * 192 * 2 * 3 * 64, Bytes(estimate, "keys and values"));
        Assert.Equal(estimate.Terms.Sum(term => term.Bytes), estimate.Total);
    }

    [Fact]
    public void The_plan_finds_the_largest_batch_that_fits()
    {
        const long available = 2L << 30;
        var plan = MemoryPlan.Of(s_config, [ScalarType.Float32, ScalarType.BFloat16], batch: 4, tokens: 200, answerTokens: 64, rank: 1, adapterRank: 16, available);
        Assert.Equal([Work.Asking, Work.Asking, Work.TrainingDiffs, Work.TrainingAdapter], plan.Select(work => work.Work));
        var training = plan[2];
        Assert.InRange(training.LargestBatch, 1, MemoryPlan.MostRows - 1);
        Assert.True(MemoryEstimate.OfDiffTraining(s_config, training.LargestBatch, 200, 1, 100).Total <= available);
        Assert.True(MemoryEstimate.OfDiffTraining(s_config, training.LargestBatch + 1, 200, 1, 100).Total > available);
        Assert.Equal(0, MemoryPlan.Of(s_config, [ScalarType.Float32], 1, 10, 10, 1, 1, available: 1 << 20)[0].LargestBatch);
    }

    [Fact]
    public void Sizes_of_the_largest_models_do_not_overflow()
    {
        var huge = s_config with { VocabularySize = 1 << 18, HiddenSize = 1 << 14, IntermediateSize = 1 << 16, LayerCount = 128, HeadCount = 128, HeadSize = 128 };
        Assert.All(MemoryPlan.Of(huge, [ScalarType.BFloat16], MemoryPlan.MostRows, 1 << 15, 4096, 256, 256, 1L << 36), work => Assert.True(work.Estimate.Total > 0));
    }

    /// <summary>Measures the process's own peak, which other tests at the same time would raise: run it by itself.</summary>
    [Theory(Explicit = true)]
    [Trait("Category", "slow")]
    [InlineData("asking", 8, 400)]
    [InlineData("diffs", 8, 100)]
    [InlineData("diffs", 6, 256)]
    [InlineData("adapter", 8, 100)]
    [InlineData("adapter", 8, 256)]
    public void What_is_estimated_is_near_what_is_used(string work, int rows, int tokens)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        CpuTuning.Apply();
        using var scope = NewDisposeScope();
        var random = new Random(1);
        using var model = new Decoder(s_config, Decoder.WeightShapes(s_config).ToDictionary(weight => weight.Key, weight => randn(weight.Value).Times_(0.02), StringComparer.Ordinal));
        // What the case before left in the allocator would be used again and not be seen.
        _ = GiveBack(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmRSS");
        var estimate = Do(work, model, rows, tokens, random);
        var used = Status("VmHWM") - before;
        var expected = estimate.Total - Bytes(estimate, "program") - Bytes(estimate, "weights");
        Assert.InRange(used / (double)expected, 0.75, 1.3);
    }

    private static MemoryEstimate Do(string work, Decoder model, int rows, int tokens, Random random)
    {
        string[] ids = [.. Enumerable.Range(0, rows).Select(i => $"diff-{i}")];
        switch (work)
        {
            case "asking":
                Models.Generation.Generator.Generate(model, [.. ids.Select(_ => Enumerable.Range(0, tokens).Select(_ => random.Next(1000)).ToArray())], new GenerationSettings(8), []);
                return MemoryEstimate.OfAsking(s_config, ScalarType.Float32, rows, tokens, 8);
            case "diffs":
                using (var diffs = DiffInitialization.Draw(model.Sites, ids, new DiffRecipe(), 1))
                using (var trainer = new DiffTrainer(model, diffs, new DiffRecipe()))
                {
                    foreach (var kind in Enum.GetValues<ExampleKind>())
                    {
                        trainer.AddGradient(kind, Batch(rows, tokens, random));
                    }

                    trainer.Step();
                }

                return MemoryEstimate.OfDiffTraining(s_config, rows, tokens, 1, tokens / 2);
            default:
                using (var diffs = DiffInitialization.Draw(model.Sites, ids, new DiffRecipe(), 1))
                using (var trainer = new AdapterTrainer(model, AdapterTrainer.Draw(model.Sites, new AdapterRecipe()), new AdapterRecipe()))
                {
                    trainer.Step(diffs, Batch(rows, tokens, random), 1e-3);
                    trainer.Step(diffs, Batch(rows, tokens, random), 1e-3);
                }

                return MemoryEstimate.OfAdapterTraining(s_config, rows, tokens, new AdapterRecipe().Rank, 1, tokens / 2);
        }
    }

    private static TokenBatch Batch(int rows, int tokens, Random random)
    {
        long[] ids = [.. Enumerable.Range(0, rows * tokens).Select(_ => (long)random.Next(1000))];
        return new TokenBatch(ids, [.. ids.Select((id, i) => i % tokens < tokens / 2 ? TokenBatch.NoLabel : id)], rows, tokens);
    }

#pragma warning disable SYSLIB1054 // A generated import would need unsafe code in the project.
    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GiveBack(nint keep);
#pragma warning restore SYSLIB1054

    private static long Bytes(MemoryEstimate estimate, string name) => estimate.Terms.Single(term => term.Name == name).Bytes;

    private static long Status(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) << 10;
}
