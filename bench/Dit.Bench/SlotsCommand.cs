using System.CommandLine;
using System.Diagnostics;
using Dit.Bench.SideBySide;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using TorchSharp;
using Work = Dit.Bench.SideBySide.Work;

namespace Dit.Bench;

/// <summary>
/// <c>slots</c>: many diffs asked with answers of very different lengths, in slots that waiting prompts take over and in passes one after another;
/// and many samples of a few prompts, each read once and read for every sample.
/// </summary>
internal static class SlotsCommand
{
    private const int Diffs = 200, Slots = 32, Questions = 20, Samples = 10, Ends = 150;

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "tiny", Description = string.Join(", ", BenchShape.All.Keys) };
        shape.AcceptOnlyFromAmong([.. BenchShape.All.Keys]);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "How often each is measured, in turns." };
        var command = new Command("slots", "Answers of very different lengths, and samples of one prompt.") { shape, rounds };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            Measure(BenchShape.All[parsed.GetValue(shape)!], parsed.GetValue(rounds));
        });
        return command;
    }

    private static void Measure(BenchShape shape, int rounds)
    {
        using var scope = torch.NewDisposeScope();
        var trial = new Trial(shape.Config, new Work(WorkKind.Answers, Diffs, 16, 64), 0, 1);
        using var model = new Decoder(trial.Config, trial.Weights().ToDictionary(weight => weight.Name, weight => weight.Draw(), StringComparer.Ordinal));
        using var diffs = OurWay.Diffs(trial);
        var random = RandomStream.Named(1, "slots");
        int[][] prompts = [.. Enumerable.Range(0, Diffs).Select(_ => Tokens(random, 12 + random.NextInt(37)))];
        int[][] questions = [.. Enumerable.Range(0, Questions).Select(_ => Tokens(random, 40))];
        int[][] sampled = [.. questions.SelectMany(question => Enumerable.Repeat(question, Samples))];
        // Of random weights every token is about equally likely, so that these end an answer after about as many as a geometric distribution says.
        int[] ends = [.. Enumerable.Range(0, Ends).Select(_ => random.NextInt(trial.Config.VocabularySize))];
        var settings = new GenerationSettings(trial.Work.Answer, Temperature: 1);
        var short16 = settings with { MaxNewTokens = 16 };

        var ways = new (string Name, Func<int> Run)[]
        {
            ($"{Diffs} diffs, passes of {Slots}", () => Enumerable.Range(0, Diffs).Chunk(Slots).Sum(pass => Count(Answers(pass, Slots)))),
            ($"{Diffs} diffs, {Slots} slots", () => Count(Answers([.. Enumerable.Range(0, Diffs)], Slots))),
            ($"{Questions} prompts × {Samples} samples, each read", () => Count(Sampled(same: false))),
            ($"{Questions} prompts × {Samples} samples, read once", () => Count(Sampled(same: true))),
        };
        var seconds = ways.Select(_ => new List<double>()).ToArray();
        var tokens = new int[ways.Length];
        for (var round = 0; round <= rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var start = Stopwatch.GetTimestamp();
                tokens[way] = ways[way].Run();
                if (round > 0)
                {
                    seconds[way].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        Console.WriteLine("| answers | tokens | seconds: min | median | max |\n| --- | ---: | ---: | ---: | ---: |");
        for (var way = 0; way < ways.Length; way++)
        {
            seconds[way].Sort();
            Console.WriteLine($"| {ways[way].Name} | {tokens[way]} | {seconds[way][0]:F3} | {seconds[way][rounds / 2]:F3} | {seconds[way][^1]:F3} |");
        }

        int[][] Answers(int[] rows, int slots)
        {
            using var inner = torch.NewDisposeScope();
            return Generator.Generate(
                model, [.. rows.Select(row => prompts[row])], settings, ends, new PromptOverlays(rows, diffs.Overlay),
                [.. rows.Select(row => RandomStream.Named(1, $"{row}"))], slots: slots);
        }

        int[][] Sampled(bool same)
        {
            using var inner = torch.NewDisposeScope();
            return Generator.Generate(
                model, sampled, short16, [], new PromptOverlays([.. sampled.Select((_, row) => same ? 0 : row)], _ => Overlays.None));
        }
    }

    private static int[] Tokens(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextInt(3000))];

    private static int Count(int[][] answers) => answers.Sum(answer => answer.Length);
}
