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
        Work[] works = [Work.Asking, Work.Asking, .. Enumerable.Repeat(Work.TrainingDiffs, 3), .. Enumerable.Repeat(Work.TrainingAdapter, 3)];
        Assert.Equal(works, plan.Select(work => work.Work));
        Assert.Equal([KeptWeights.AsComputed, KeptWeights.BFloat16, KeptWeights.Int8], plan.Skip(5).Select(work => work.Kept));
        Assert.True(plan[5].Estimate.Total > plan[6].Estimate.Total && plan[6].Estimate.Total > plan[7].Estimate.Total);
        var training = plan[2];
        Assert.InRange(training.LargestBatch, 1, MemoryPlan.MostRows - 1);
        Assert.True(MemoryEstimate.OfDiffTraining(s_config, training.LargestBatch, 200, 1, 100).Total <= available);
        Assert.True(MemoryEstimate.OfDiffTraining(s_config, training.LargestBatch + 1, 200, 1, 100).Total > available);
        Assert.Equal(0, MemoryPlan.Of(s_config, [ScalarType.Float32], 1, 10, 10, 1, 1, available: 1 << 20)[0].LargestBatch);
    }

    /// <summary>Qwen3-8B: 32.8 GB of float32, of which int8 leaves a quarter.</summary>
    [Fact]
    public void An_adapter_of_an_8B_model_fits_into_24_GB_on_a_base_in_int8()
    {
        var config = s_config with { VocabularySize = 151_936, HiddenSize = 4096, IntermediateSize = 12288, LayerCount = 36, HeadCount = 32, KeyValueHeadCount = 8, HeadSize = 128, TiedEmbeddings = false };
        var (wide, narrow) = (Adapter(KeptWeights.AsComputed), Adapter(KeptWeights.Int8));

        Assert.InRange(Bytes(wide, "weights"), 32_000_000_000, 33_500_000_000);
        Assert.InRange(Bytes(narrow, "weights"), 8_190_000_000, 8_230_000_000);
        Assert.InRange(narrow.Total, 0, 24_000_000_000);

        MemoryEstimate Adapter(KeptWeights kept) => MemoryEstimate.OfAdapterTraining(config, rows: 8, tokens: 64, rank: 16, diffRank: 1, countedTokens: 16, kept);
    }

    [Theory]
    [InlineData(KeptWeights.AsComputed)]
    [InlineData(KeptWeights.BFloat16)]
    [InlineData(KeptWeights.Int8)]
    public void Kept_weights_are_counted_exactly(KeptWeights kept)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder.File("model.safetensors"), Decoder.WeightShapes(s_config).Select(weight => KeyValuePair.Create(weight.Key, ones(weight.Value))));
        File.WriteAllText(folder.File("config.json"), """
            { "model_type": "qwen3", "vocab_size": 20000, "hidden_size": 384, "intermediate_size": 1152, "num_hidden_layers": 6, "num_attention_heads": 6,
              "num_key_value_heads": 3, "head_dim": 64, "rope_theta": 1000000, "tie_word_embeddings": true }
            """);
        using var decoder = Decoder.Load(folder.FullPath, kept: kept);

        var block = kept == KeptWeights.AsComputed ? 0 : 16L << 20; // Of the embeddings, which are larger than a block.
        Assert.Equal(decoder.Weights.Values.Sum(weight => weight.numel() * weight.ElementSize) + block, KeptTensors.Bytes(s_config, kept));
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
    [InlineData("diffs", 24, 256, true)]
    [InlineData("adapter", 8, 100)]
    [InlineData("adapter", 8, 256)]
    [InlineData("adapter", 24, 120, true)]
    public void What_is_estimated_is_near_what_is_used(string work, int rows, int tokens, bool recomputes = false)
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
        var estimate = Do(work, model, rows, tokens, recomputes, random);
        var used = Status("VmHWM") - before;
        // A step or two do not fill what the teacher keeps.
        var expected = estimate.Terms.Where(term => term.Name is not ("program" or "weights" or "teacher")).Sum(term => term.Bytes);
        TestContext.Current.TestOutputHelper?.WriteLine($"{used >> 20} MiB used, {expected >> 20} estimated: {string.Join(", ", estimate.Terms.Select(term => $"{term.Name} {term.Bytes >> 20}"))}");
        Assert.InRange(used / (double)expected, 0.75, 1.4);
    }

    private static MemoryEstimate Do(string work, Decoder model, int rows, int tokens, bool recomputes, Random random)
    {
        string[] ids = [.. Enumerable.Range(0, rows).Select(i => $"diff-{i}")];
        switch (work)
        {
            case "asking":
                Models.Generation.Generator.Generate(model, [.. ids.Select(_ => Enumerable.Range(0, tokens).Select(_ => random.Next(1000)).ToArray())], new GenerationSettings(8), []);
                return MemoryEstimate.OfAsking(s_config, ScalarType.Float32, rows, tokens, 8);
            case "diffs":
                using (var diffs = DiffInitialization.Draw(model.Sites, ids, new DiffRecipe(), 1))
                using (var trainer = new DiffTrainer(model, diffs, new DiffRecipe { Recompute = recomputes }))
                {
                    foreach (var kind in Enum.GetValues<ExampleKind>())
                    {
                        trainer.AddGradient(kind, Batch(rows, tokens, random));
                    }

                    trainer.Step();
                }

                return MemoryEstimate.OfDiffTraining(s_config, rows, tokens, 1, tokens / 2, recomputes: recomputes);
            default:
                using (var diffs = DiffInitialization.Draw(model.Sites, ids, new DiffRecipe(), 1))
                using (var trainer = new AdapterTrainer(model, AdapterTrainer.Draw(model.Sites, new AdapterRecipe()), new AdapterRecipe { Recompute = recomputes }))
                {
                    trainer.Step(diffs, Batch(rows, tokens, random), 1e-3);
                    trainer.Step(diffs, Batch(rows, tokens, random), 1e-3);
                }

                return MemoryEstimate.OfAdapterTraining(s_config, rows, tokens, new AdapterRecipe().Rank, 1, tokens / 2, recomputes: recomputes);
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
