using System.CommandLine;
using System.Diagnostics;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Bench.SideBySide;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Training;

namespace Dit.Bench;

/// <summary><c>scale</c>: time and memory of whole trainings with a number of diffs and with ten times as many.</summary>
internal static class ScaleCommand
{
    private const string Diffs = "diff training", Adapter = "adapter training, one pass";

    public static Command Command()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 48, Description = "Diffs of the smaller set." };
        var times = new Option<int>("--times") { DefaultValueFactory = _ => 10, Description = "How many times as many the larger one has." };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 25, Description = "Optimizer steps of a diff; time grows with them, memory does not." };
        var model = new Option<string>("--base") { DefaultValueFactory = _ => "models/tiny-base", Description = "The base." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- scale --> and <!-- end scale -->, between which the table goes." };
        var command = new Command("scale", "Trains a set of diffs and an adapter on it, then with ten times as many.") { count, times, steps, model, document };
        command.SetAction(parsed =>
        {
            var (small, factor) = (parsed.GetValue(count), parsed.GetValue(times));
            if (small < 1 || factor < 1 || parsed.GetValue(steps) < 1)
            {
                throw new DitException($"scale: expected at least 1 for --count, --times and --steps, found {small}, {factor} and {parsed.GetValue(steps)}");
            }

            var table = "| training | diffs | seconds | MiB over the base at most | times the seconds | times the memory |\n| --- | ---: | ---: | ---: | ---: | ---: |\n";
            var folder = Directory.CreateTempSubdirectory("dit-scale-").FullName;
            try
            {
                foreach (var training in new[] { Diffs, Adapter })
                {
                    Measured? first = null;
                    foreach (var diffs in new[] { small, small * factor })
                    {
                        var measured = MeasuringProcess.OwnVerb("scale-part", "--training", training, "--count", $"{diffs}", "--steps", $"{parsed.GetValue(steps)}", "--base", parsed.GetValue(model)!, "--out", Path.Combine(folder, $"{diffs}")).Measured!;
                        first ??= measured;
                        var line = $"| {training} | {diffs} | {measured.Seconds[0]:F1} | {measured.PeakMib - measured.BareMib:F0} | {measured.Seconds[0] / first.Seconds[0]:F2} | {(measured.PeakMib - measured.BareMib) / (first.PeakMib - first.BareMib):F2} |\n";
                        Console.Write(line);
                        table += line;
                    }
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "scale", table);
            }
        });
        return command;
    }

    public static Command Part()
    {
        var training = new Option<string>("--training") { Required = true };
        var (count, steps) = (new Option<int>("--count") { Required = true }, new Option<int>("--steps") { Required = true });
        var (model, folder) = (new Option<string>("--base") { Required = true }, new Option<string>("--out") { Required = true });
        var command = new Command("scale-part", "What scale starts for one training.") { training, count, steps, model, folder };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            using var opened = BaseModel.Load(parsed.GetValue(model)!);
            ProcessMemory.ForgetPeak();
            var bare = ProcessMemory.Of("VmRSS");
            var start = Stopwatch.GetTimestamp();
            if (parsed.GetValue(training) == Diffs)
            {
                TrainDiffs(opened, parsed.GetValue(folder)!, parsed.GetValue(count), parsed.GetValue(steps));
            }
            else
            {
                _ = AdapterTrainingRun.Run(parsed.GetValue(folder)! + "-adapter", opened, [DiffSet.Open(parsed.GetValue(folder)!)], AdapterRecipe.Tiny with { Epochs = 1 });
            }

            Console.WriteLine(new Measured { Seconds = [Stopwatch.GetElapsedTime(start).TotalSeconds], BareMib = bare, PeakMib = ProcessMemory.Of("VmHWM") }.Line());
        });
        return command;
    }

    private static void TrainDiffs(BaseModel model, string folder, int count, int steps)
    {
        var recipe = DiffRecipe.Tiny with { Steps = steps };
        // No gates: how many questions they ask is another matter, and after so few steps no diff would pass.
        var settings = new DiffRunSettings { Recipe = recipe, BaseFingerprint = model.Fingerprint, Behaviours = [], GateQuestions = 0 };
        var behaviours = Rounds.Of(TopicList.Of(TopicSplit.Train), count, settings.Seed)
            .Select((item, i) => ((Behaviour)WorldBehaviours.Write(item.Label, item.Seed, i / settings.DiffsPerShard, steps * recipe.ExamplesPerStep), "train")).ToArray();
        _ = DiffTrainingRun.Run(folder, model, behaviours, settings with { Behaviours = [.. behaviours.Select(item => item.Item1.Id)] });
    }
}
