using System.Diagnostics;
using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Training;
using TorchSharp;

namespace Dit.Bench.SideBySide;

/// <summary>The work as dit does it.</summary>
internal static class OurWay
{
    /// <summary>Measures a trial in this process.</summary>
    public static Measured Run(Trial trial)
    {
        using var model = new Decoder(trial.Config, trial.Weights().ToDictionary(weight => weight.Name, weight => weight.Draw(), StringComparer.Ordinal));
        return Run(trial, model);
    }

    /// <summary>Measures a trial with a model of its sizes.</summary>
    public static Measured Run(Trial trial, Decoder model)
    {
        ProcessMemory.ForgetPeak();
        var bare = ProcessMemory.Of("VmRSS");
        return (trial.Work.Kind switch
        {
            WorkKind.Adapter => AdapterSteps(trial, model),
            WorkKind.Diffs => DiffSteps(trial, model),
            _ => Answers(trial, model),
        }) with { BareMib = bare, PeakMib = ProcessMemory.Of("VmHWM") };
    }

    /// <summary>The diffs of a trial, side by side.</summary>
    internal static DiffStack Diffs(Trial trial)
    {
        var drawn = trial.Diffs().ToDictionary(factor => factor.Name, factor => factor.Draw(), StringComparer.Ordinal);
        return new DiffStack(
            Decoder.SitesOf(trial.Config).ToDictionary(site => site.Name, site => new StackedFactors(drawn[site.Name + ".diff_A"], drawn[site.Name + ".diff_B"]), StringComparer.Ordinal),
            1.0 / trial.Work.DiffRank);
    }

    /// <summary>The adapter of a trial by the names of its factors.</summary>
    internal static Dictionary<string, torch.Tensor> Adapter(Trial trial) =>
        trial.Adapter().ToDictionary(factor => factor.Name.Replace(".adapter_", ".lora_", StringComparison.Ordinal), factor => factor.Draw(), StringComparer.Ordinal);

    private static Measured AdapterSteps(Trial trial, Decoder model)
    {
        using var diffs = Diffs(trial);
        using var trainer = new AdapterTrainer(model, Adapter(trial), new AdapterRecipe { Rank = trial.Work.AdapterRank });
        var batch = trial.Batches()[0].Batch;
        return Timed(trial, () => trainer.Step(diffs, batch, Trial.LearningRate));
    }

    private static Measured DiffSteps(Trial trial, Decoder model)
    {
        using var diffs = Diffs(trial);
        using var trainer = new DiffTrainer(model, diffs, new DiffRecipe { Rank = trial.Work.DiffRank, LearningRate = Trial.LearningRate, ShiftedDivergence = true });
        var batches = trial.Batches();
        return Timed(trial, () =>
        {
            var loss = batches.Sum(batch => trainer.AddGradient(batch.Kind, batch.Batch));
            trainer.Step();
            return loss;
        });
    }

    private static Measured Answers(Trial trial, Decoder model)
    {
        using var scope = torch.NewDisposeScope();
        using var diffs = Diffs(trial);
        var adapter = Adapter(trial);
        var overlays = diffs.Overlay().With(model.Sites.ToDictionary(
            site => site.Name,
            site => (ISiteOverlay)new SharedLowRank(adapter[site.Name + ".lora_A"], adapter[site.Name + ".lora_B"], 1.0 / trial.Work.AdapterRank), StringComparer.Ordinal));
        int[] question = [.. trial.Batches()[0].Batch.Ids.Take(trial.Work.Tokens).Select(id => (int)id)];
        int[][] prompts = [.. Enumerable.Repeat(question, trial.Work.Rows)];
        int[][] answers = [];
        return Timed(trial, () =>
        {
            answers = Generator.Generate(model, prompts, new GenerationSettings(trial.Work.Answer), [], overlays);
            return 0;
        }) with { Answers = answers };
    }

    private static Measured Timed(Trial trial, Func<double> step)
    {
        var seconds = new List<double>();
        var losses = new List<double>();
        for (var number = 0; number < trial.Warmup + trial.Steps; number++)
        {
            var start = Stopwatch.GetTimestamp();
            losses.Add(step());
            if (number >= trial.Warmup)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return new Measured { Seconds = seconds, Losses = losses };
    }
}
