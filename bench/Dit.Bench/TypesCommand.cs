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

    /// <summary>The shapes that are compared elsewhere too, and larger published ones, of which an adapter is trained.</summary>
    private static readonly Dictionary<string, BenchShape> Shapes = BenchShape.All.Values
        .Concat(CheckpointShape.All.Select(shape => new BenchShape(shape.Key, shape.Value, [new(WorkKind.Adapter, 8, 48, 12)])))
        .DistinctBy(shape => shape.Name).ToDictionary(shape => shape.Name, StringComparer.Ordinal);

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "60m", Description = string.Join(", ", Shapes.Keys) };
        shape.AcceptOnlyFromAmong([.. Shapes.Keys]);
        var types = new Option<KeptWeights[]>("--kept") { Description = "Some of the types only, such as int8 where float32 does not fit.", Arity = ArgumentArity.OneOrMore };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "Processes for each type, which take turns." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- types SHAPE --> and <!-- end types SHAPE -->, between which the table goes." };
        var command = new Command("types", "Measures time and memory with weights kept in each type.") { shape, types, rounds, document };
        command.SetAction(parsed =>
        {
            var chosen = Shapes[parsed.GetValue(shape)!];
            var kept = parsed.GetValue(types) is { Length: > 0 } some ? some : Enum.GetValues<KeptWeights>();
            var folder = Directory.CreateTempSubdirectory("dit-types-").FullName;
            try
            {
                Write(new Trial(chosen.Config, chosen.Works[0], 0, 0), folder);
                var table = "| work | kept in | seconds: least | middle | most | times float32 | MiB loaded | MiB at most |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
                foreach (var line in Enumerable.Range(0, chosen.Works.Count).SelectMany(work => Lines(chosen, work, folder, kept, parsed.GetValue(rounds))))
                {
                    Console.Write(line);
                    table += line;
                }

                if (parsed.GetValue(document) is { } path)
                {
                    MarkedText.Fill(path, $"types {chosen.Name}", table);
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
            var chosen = Shapes[parsed.GetValue(shape)!];
            var piece = chosen.Works[parsed.GetValue(work)];
            using var model = Decoder.Load(parsed.GetValue(folder)!, kept: parsed.GetValue(kept));
            Console.WriteLine(OurWay.Run(new Trial(chosen.Config, piece, piece.Warmup, piece.Steps), model).Line());
        });
        return command;
    }

    /// <summary>The shape's random weights as published models are stored, in bfloat16.</summary>
    private static void Write(Trial trial, string folder)
    {
        // A weight at a time.
        SafetensorsWriter.WritePending(Path.Combine(folder, "model.safetensors"), trial.Weights().Select(weight =>
            new PendingTensor(weight.Name, ScalarType.BFloat16, weight.Shape, () => weight.Draw().to(ScalarType.BFloat16, disposeAfter: true))));
        AtomicFile.WriteText(Path.Combine(folder, "config.json"), CheckpointShape.Json(trial.Config, "bfloat16"));
    }

    private static IEnumerable<string> Lines(BenchShape shape, int work, string folder, IReadOnlyList<KeptWeights> types, int rounds)
    {
        var all = Enumerable.Range(0, rounds)
            .SelectMany(_ => types, (_, kept) => (kept, MeasuringProcess.OwnVerb("types-part", "--shape", shape.Name, "--work", $"{work}", "--folder", folder, "--kept", $"{kept}").Measured!))
            .ToLookup(each => each.kept, each => each.Item2);
        var usual = types.Contains(KeptWeights.AsComputed) ? Middle(Seconds(all[KeptWeights.AsComputed])) : (double?)null;
        foreach (var kept in all)
        {
            var seconds = Seconds(kept);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {shape.Works[work]} | {kept.Key.Name() ?? Float32} | {seconds[0]:G3} | {Middle(seconds):G3} | {seconds[^1]:G3} | {(usual is { } once ? (Middle(seconds) / once).ToString("F2", CultureInfo.InvariantCulture) : "")} | {kept.Max(each => each.BareMib):F0} | {kept.Max(each => each.PeakMib):F0} |\n");
        }

        static double[] Seconds(IEnumerable<Measured> measured) => [.. measured.SelectMany(each => each.Seconds).Order()];
        static double Middle(double[] sorted) => sorted[sorted.Length / 2];
    }
}
