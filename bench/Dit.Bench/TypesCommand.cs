using System.CommandLine;
using System.Globalization;
using Dit.Bench.SideBySide;
using Dit.Files;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Bench;

/// <summary><c>types</c>: time and memory of the works of a shape, with the base's weights kept in each type.</summary>
internal static class TypesCommand
{
    private const string Float32 = "float32";

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "60m", Description = string.Join(", ", BenchShape.All.Keys) };
        shape.AcceptOnlyFromAmong([.. BenchShape.All.Keys]);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "Processes for each type, which take turns." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- types --> and <!-- end types -->, between which the table goes." };
        var command = new Command("types", "Measures time and memory with weights kept in each type.") { shape, rounds, document };
        command.SetAction(parsed =>
        {
            var chosen = BenchShape.All[parsed.GetValue(shape)!];
            var folder = Directory.CreateTempSubdirectory("dit-types-").FullName;
            try
            {
                Write(new Trial(chosen.Config, chosen.Works[0], 0, 0), folder);
                var table = "| work | kept in | seconds: least | middle | most | times float32 | MiB loaded | MiB at most |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
                foreach (var line in Enumerable.Range(0, chosen.Works.Count).SelectMany(work => Lines(chosen, work, folder, parsed.GetValue(rounds))))
                {
                    Console.Write(line);
                    table += line;
                }

                if (parsed.GetValue(document) is { } path)
                {
                    MarkedText.Fill(path, "types", table);
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    public static Command Part()
    {
        var (shape, work) = (new Option<string>("--shape") { Required = true }, new Option<int>("--work") { Required = true });
        var (folder, kept) = (new Option<string>("--folder") { Required = true }, new Option<KeptWeights>("--kept") { Required = true });
        var command = new Command("types-part", "What types starts for one measurement.") { shape, work, folder, kept };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            var chosen = BenchShape.All[parsed.GetValue(shape)!];
            using var model = Decoder.Load(parsed.GetValue(folder)!, kept: parsed.GetValue(kept));
            Console.WriteLine(OurWay.Run(new Trial(chosen.Config, chosen.Works[parsed.GetValue(work)], chosen.Warmup, chosen.Steps), model).Line());
        });
        return command;
    }

    /// <summary>The shape's random weights as published models are stored, in bfloat16.</summary>
    private static void Write(Trial trial, string folder)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), trial.Weights().Select(weight => KeyValuePair.Create(weight.Name, weight.Draw().to(ScalarType.BFloat16))));
        AtomicFile.WriteText(Path.Combine(folder, "config.json"), CheckpointShape.Json(trial.Config, "bfloat16"));
    }

    private static IEnumerable<string> Lines(BenchShape shape, int work, string folder, int rounds)
    {
        var all = Enumerable.Range(0, rounds)
            .SelectMany(_ => Enum.GetValues<KeptWeights>(), (_, kept) => (kept, MeasuringProcess.OwnVerb("types-part", "--shape", shape.Name, "--work", $"{work}", "--folder", folder, "--kept", $"{kept}").Measured!))
            .ToLookup(each => each.kept, each => each.Item2);
        var usual = Seconds(all[KeptWeights.AsComputed]);
        foreach (var kept in all)
        {
            var seconds = Seconds(kept);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {shape.Works[work]} | {kept.Key.Name() ?? Float32} | {seconds[0]:G3} | {Middle(seconds):G3} | {seconds[^1]:G3} | {Middle(seconds) / Middle(usual):F2} | {kept.Max(each => each.BareMib):F0} | {kept.Max(each => each.PeakMib):F0} |\n");
        }

        static double[] Seconds(IEnumerable<Measured> measured) => [.. measured.SelectMany(each => each.Seconds).Order()];
        static double Middle(double[] sorted) => sorted[sorted.Length / 2];
    }
}
