using Dit.Models;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>The adapter is trained on diffs as by the reference implementation of the paper, step for step.</summary>
public sealed class AdapterTrainerGoldenTests
{
    private const double MeanDecay = 0.9;

    public static TheoryData<string> Folders => GoldenTrace.Cases("introspection_prompt");

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_adapter_follows_the_reference_step_by_step(string folder)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenTrace(folder);
        using var model = golden.LoadBase();
        using var diffs = GoldenTrace.ReadDiffs(
            golden.PathOf(golden.Trace.GetProperty("diffs").GetString()!), golden.Trace.GetProperty("weight_diff_multiplier").GetDouble());
        var parameters = golden.Tensors("initial.safetensors").ToDictionary(saved => GoldenTrace.OurName(saved.Key), saved => saved.Value);
        using var trainer = new AdapterTrainer(model, parameters, new AdapterRecipe
        {
            Rank = golden.Trace.GetProperty("adapter_rank").GetInt32(),
            WeightDecay = golden.Trace.GetProperty("optimizer").GetProperty("weight_decay").GetDouble(),
        });
        var batches = golden.Batches();
        var entries = golden.Sequence.ToArray();

        Assert.Equal(golden.ParameterOrder.Select(GoldenTrace.OurName).Order(StringComparer.Ordinal), parameters.Keys.Order(StringComparer.Ordinal));
        for (var step = 0; step < entries.Length; step++)
        {
            using var carried = diffs.Select([.. entries[step].GetProperty("items").EnumerateArray().Select(item => item.GetInt32())]);
            var before = Means(trainer);
            var loss = trainer.Step(carried, batches[step], golden.LearningRate);
            var after = Means(trainer);

            golden.AssertLoss(entries[step].GetProperty("loss"), loss, $"step {step}");
            golden.AssertNorms(step, "grad_norms", name => GradientNorm(before[GoldenTrace.OurName(name)], after[GoldenTrace.OurName(name)]));
            golden.AssertNorms(step, "param_norms", name => parameters[GoldenTrace.OurName(name)].norm().item<float>());
            golden.AssertParameters(step + 1, entries.Length, name => parameters[GoldenTrace.OurName(name)].detach());
        }

        Assert.Equal(golden.Trace.GetProperty("steps").GetArrayLength(), entries.Length);
    }

    private static Dictionary<string, Tensor> Means(AdapterTrainer trainer) => trainer.Optimizer.State()
        .Where(state => state.Key.StartsWith("mean.", StringComparison.Ordinal))
        .ToDictionary(state => state.Key["mean.".Length..], state => state.Value.to(ScalarType.Float64, copy: true));

    /// <summary>A step forgets its gradients, but Adam's running mean tells what they were.</summary>
    private static double GradientNorm(Tensor meanBefore, Tensor meanAfter) =>
        (meanAfter - meanBefore.Times(MeanDecay)).DividedBy(1 - MeanDecay).norm().item<double>();
}
