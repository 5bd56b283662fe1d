using System.CommandLine;
using Dit.Bench.SideBySide;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Training;
using TorchSharp;
using Work = Dit.Bench.SideBySide.Work;

namespace Dit.Bench;

/// <summary><c>flat</c>: whether a long training leaks: tensors alive and resident memory along its way.</summary>
internal static class FlatCommand
{
    private const int Points = 10;

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "tiny", Description = string.Join(", ", BenchShape.All.Keys) };
        shape.AcceptOnlyFromAmong([.. BenchShape.All.Keys]);
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 2000, Description = "Steps of each training." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- flat --> and <!-- end flat -->, between which the table goes." };
        var command = new Command("flat", "Trains long, and shows that tensors and memory do not grow.") { shape, steps, document };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(steps) < Points)
            {
                throw new DitException($"--steps: expected at least {Points}, found {parsed.GetValue(steps)}");
            }

            Libtorch.UseNamed();
            CpuTuning.Apply();
            var chosen = BenchShape.All[parsed.GetValue(shape)!];
            var lines = chosen.Works.Where(work => work.Kind != WorkKind.Answers).SelectMany(work => Lines(chosen, work, parsed.GetValue(steps)));
            var table = "| training | step | tensors | resident MiB |\n| --- | ---: | ---: | ---: |\n" + string.Concat(lines);
            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "flat", table);
            }
        });
        return command;
    }

    private static IEnumerable<string> Lines(BenchShape shape, Work work, int steps)
    {
        var trial = new Trial(shape.Config, work, 0, steps);
        using var model = new Decoder(trial.Config, trial.Weights().ToDictionary(weight => weight.Name, weight => weight.Draw(), StringComparer.Ordinal));
        using var diffs = OurWay.Diffs(trial);
        using var trained = work.Kind == WorkKind.Diffs
            ? (IDisposable)new DiffTrainer(model, diffs, new DiffRecipe { Rank = work.DiffRank, LearningRate = Trial.LearningRate, ShiftedDivergence = true })
            : new AdapterTrainer(model, OurWay.Adapter(trial), new AdapterRecipe { Rank = work.AdapterRank });
        for (var step = 1; step <= steps; step++)
        {
            Step(trained, diffs, trial);
            if (step == 1 || step % (steps / Points) == 0)
            {
                var line = $"| {work} | {step} | {torch.Tensor.TotalCount} | {ProcessMemory.Of("VmRSS"):F0} |\n";
                Console.Write(line);
                yield return line;
            }
        }
    }

    private static void Step(IDisposable trained, DiffStack diffs, Trial trial)
    {
        if (trained is AdapterTrainer adapter)
        {
            _ = adapter.Step(diffs, trial.Batches()[0].Batch, Trial.LearningRate);
            return;
        }

        var trainer = (DiffTrainer)trained;
        foreach (var (kind, batch) in trial.Batches())
        {
            _ = trainer.AddGradient(kind, batch);
        }

        trainer.Step();
    }
}
