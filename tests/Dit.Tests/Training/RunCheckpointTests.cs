using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

public sealed class RunCheckpointTests
{
    private static readonly Dictionary<string, long> Position = new() { ["chunk"] = 3, ["batch"] = 17 };

    [Fact]
    public void A_restored_training_goes_on_with_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("checkpoint.safetensors");
        using var undisturbed = new Problem();
        undisturbed.Work(7);
        RunCheckpoint.Save(path, undisturbed.Parameters, undisturbed.Optimizer, Position);
        using var resumed = new Problem();
        resumed.Work(2);

        var position = RunCheckpoint.Restore(path, resumed.Parameters, resumed.Optimizer, "chunk", "batch");

        Assert.NotNull(position);
        Assert.Equal((3, 17), (position["chunk"], position["batch"]));
        Assert.Equal(7, resumed.Optimizer.StepCount);
        Assert.Equal(undisturbed.Bits(), resumed.Bits());
        undisturbed.Work(5);
        resumed.Work(5);
        Assert.Equal(undisturbed.Bits(), resumed.Bits());
    }

    [Fact]
    public void Restored_parameters_still_take_gradients()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var problem = new Problem();
        RunCheckpoint.Save(folder.File("c.safetensors"), problem.Parameters, problem.Optimizer, Position);

        RunCheckpoint.Restore(folder.File("c.safetensors"), problem.Parameters, problem.Optimizer);

        Assert.All(problem.Parameters.Values, parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
    }

    [Fact]
    public void The_same_state_gives_the_same_bytes()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var problem = new Problem();
        problem.Work(3);
        RunCheckpoint.Save(folder.File("first.safetensors"), problem.Parameters, problem.Optimizer, Position);
        RunCheckpoint.Save(folder.File("second.safetensors"), problem.Parameters, problem.Optimizer, Position);

        Assert.Equal(File.ReadAllBytes(folder.File("first.safetensors")), File.ReadAllBytes(folder.File("second.safetensors")));
    }

    [Fact]
    public void Where_there_is_no_checkpoint_nothing_is_restored()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var problem = new Problem();
        var before = problem.Bits();

        Assert.Null(RunCheckpoint.Restore(folder.File("none.safetensors"), problem.Parameters, problem.Optimizer));
        Assert.Equal(before, problem.Bits());
    }

    [Theory]
    [InlineData("other shapes")]
    [InlineData("other names")]
    [InlineData("no place in the data")]
    public void A_checkpoint_of_another_training_is_refused_by_name(string difference)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("checkpoint.safetensors");
        using var other = difference switch
        {
            "other shapes" => new Problem(size: 4),
            "other names" => new Problem(name: "elsewhere"),
            _ => new Problem(),
        };
        RunCheckpoint.Save(path, other.Parameters, other.Optimizer, new Dictionary<string, long>());
        using var problem = new Problem();

        var error = Assert.Throws<DitException>(() => RunCheckpoint.Restore(path, problem.Parameters, problem.Optimizer, "chunk"));

        Assert.StartsWith(path + ": expected ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_or_read_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("checkpoint.safetensors");
        using var problem = new Problem();
        problem.Work(2);
        RunCheckpoint.Save(path, problem.Parameters, problem.Optimizer, Position);
        var valid = File.ReadAllBytes(path);
        var refused = 0;

        foreach (var damaged in Damage.Of(valid, rounds: 1000, seed: 1))
        {
            File.WriteAllBytes(path, damaged);
            try
            {
                var position = RunCheckpoint.Restore(path, problem.Parameters, problem.Optimizer, "chunk", "batch");
                Assert.All(position!.Values, number => Assert.InRange(number, 0, int.MaxValue));
            }
            catch (DitException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 500, 1000);
    }

    /// <summary>Two parameters that are drawn towards something, with every step another pull.</summary>
    private sealed class Problem : IDisposable
    {
        public Problem(int size = 3, string name = "site")
        {
            Parameters = new Dictionary<string, Tensor>
            {
                [name + ".lora_A"] = Arithmetic.Range(size * 2, ScalarType.Float32).reshape(2, size).DividedBy_(7).requires_grad_(true),
                [name + ".lora_B"] = ones(size, 2).requires_grad_(true),
            };
            Optimizer = new Adam(Parameters, new AdamSettings(WeightDecay: 0.01));
        }

        public Dictionary<string, Tensor> Parameters { get; }

        public Adam Optimizer { get; }

        public void Work(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                foreach (var parameter in Parameters.Values)
                {
                    parameter.Minus(0.3 * Optimizer.StepCount).Squared().sum().backward();
                }

                Optimizer.Step(0.05);
            }
        }

        public float[] Bits() => [.. Parameters.Concat(Optimizer.State()).SelectMany(entry => entry.Value.detach().contiguous().data<float>().ToArray())];

        public void Dispose() => Optimizer.Dispose();
    }
}
