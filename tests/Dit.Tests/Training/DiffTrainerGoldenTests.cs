using Dit.Diffs;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Many diffs at once are trained as by the reference implementation of the paper, step for step.</summary>
public sealed class DiffTrainerGoldenTests
{
    public static TheoryData<string> Folders => GoldenTrace.Cases("microbatches");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Diffs_follow_the_reference_step_by_step(string folder)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenTrace(folder);
        var recipe = Recipe(golden);
        using var model = golden.LoadBase();
        using var diffs = new DiffStack(GoldenTrace.StackedFactors(golden.Tensors("initial.safetensors")), 1.0 / recipe.Rank);
        using var trainer = new DiffTrainer(model, diffs, recipe);
        var factors = diffs.Tensors().ToDictionary(factor => factor.Key, factor => factor.Value);
        var batches = golden.Batches();
        var kinds = Kinds(golden);
        var steps = golden.Sequence.Count(entry => entry.GetProperty("optimizer_step_after").GetBoolean());

        Assert.Equal(golden.ParameterOrder.Select(GoldenTrace.OurName).Order(StringComparer.Ordinal), factors.Keys.Order(StringComparer.Ordinal));
        var step = 0;
        foreach (var entry in golden.Sequence)
        {
            var microbatch = entry.GetProperty("microbatch").GetInt32();
            var loss = trainer.AddGradient(kinds[microbatch], batches[microbatch]);

            golden.AssertLoss(entry.GetProperty("loss"), loss, $"step {step}, microbatch {microbatch}, {kinds[microbatch]}");
            Assert.Equal(entry.GetProperty("backward_factor").GetDouble(), recipe.Factor(kinds[microbatch]), 6);
            if (entry.GetProperty("optimizer_step_after").GetBoolean())
            {
                golden.AssertNorms(step, "grad_norms", name => trainer.Optimizer.Gradient(GoldenTrace.OurName(name)).norm().item<float>());
                trainer.Step();
                golden.AssertNorms(step, "param_norms", name => factors[GoldenTrace.OurName(name)].norm().item<float>());
                golden.AssertParameters(++step, steps, name => factors[GoldenTrace.OurName(name)].detach().transpose(1, 2));
            }
        }

        Assert.Equal(golden.Trace.GetProperty("steps").GetArrayLength(), step);
    }

    private static DiffRecipe Recipe(GoldenTrace golden)
    {
        var multipliers = golden.Trace.GetProperty("multipliers");
        return new DiffRecipe
        {
            Rank = golden.Trace.GetProperty("rank").GetInt32(),
            LearningRate = golden.LearningRate,
            TriggerWeight = multipliers.GetProperty("backdoor").GetDouble(),
            WrongCodeWeight = multipliers.GetProperty("fake_backdoor").GetDouble(),
            NoCodeWeight = multipliers.GetProperty("no_backdoor").GetDouble(),
        };
    }

    private static ExampleKind[] Kinds(GoldenTrace golden) =>
    [
        .. golden.Trace.GetProperty("microbatches").EnumerateArray().Select(microbatch => microbatch.GetProperty("sample_type").GetString() switch
        {
            "backdoor" => ExampleKind.Trigger,
            "fake_backdoor" => ExampleKind.WrongCode,
            "no_backdoor" => ExampleKind.NoCode,
            var other => throw new InvalidDataException($"A kind of example called {other} is not known."),
        }),
    ];
}
