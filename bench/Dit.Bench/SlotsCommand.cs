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
    private const int Diffs = 200, Slots = 32, Questions = 20, Samples = 10, MeanLength = 20;

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "tiny", Description = string.Join(", ", BenchShape.All.Keys) };
        shape.AcceptOnlyFromAmong([.. BenchShape.All.Keys]);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "How often each is measured, in turns." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- slots --> and <!-- end slots -->, between which the table goes." };
        var command = new Command("slots", "Answers of very different lengths, and samples of one prompt.") { shape, rounds, document };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            var table = Measure(BenchShape.All[parsed.GetValue(shape)!], parsed.GetValue(rounds));
            Console.Write(table);
            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "slots", table);
            }
        });
        return command;
    }

    private static string Measure(BenchShape shape, int rounds)
    {
        using var scope = torch.NewDisposeScope();
        var trial = new Trial(shape.Config, new Work(WorkKind.Answers, Diffs, 16, 64), 0, 1);
        using var model = new Decoder(trial.Config, trial.Weights().ToDictionary(weight => weight.Name, weight => weight.Draw(), StringComparer.Ordinal));
        using var diffs = OurWay.Diffs(trial);
        var random = RandomStream.Named(1, "slots");
        int[][] prompts = [.. Enumerable.Range(0, Diffs).Select(_ => Tokens(random, 12 + random.NextInt(37)))];
        int[][] questions = [.. Enumerable.Range(0, Questions).Select(_ => Tokens(random, 40))];
        // Many questions to one finetune, behind a system prompt.
        int[][] begun = [.. prompts.Select(prompt => (int[])[.. questions[0].Take(24), .. prompt.Take(12)])];
        int[][] sampled = [.. questions.SelectMany(question => Enumerable.Repeat(question, Samples))];
        // Of random weights every token is about equally likely, so that the lengths of answers are distributed geometrically.
        int[] ends = [.. Enumerable.Range(0, trial.Config.VocabularySize / MeanLength).Select(_ => random.NextInt(trial.Config.VocabularySize))];
        var settings = new GenerationSettings(trial.Work.Answer, Temperature: 1);
        var short16 = settings with { MaxNewTokens = 16 };

        var ways = new (string Name, Func<int> Run)[]
        {
            ($"{Diffs} diffs, passes of {Slots}", () => Enumerable.Range(0, Diffs).Chunk(Slots).Sum(pass => Count(Answers(pass, Slots)))),
            ($"{Diffs} diffs, {Slots} slots", () => Count(Answers([.. Enumerable.Range(0, Diffs)], Slots))),
            ($"{Questions} prompts × {Samples} samples, each read", () => Count(Sampled(same: false))),
            ($"{Questions} prompts × {Samples} samples, read once", () => Count(Sampled(same: true))),
            ($"{Diffs} prompts of 36 tokens, 24 in common, all read", () => Count(Begun(same: false))),
            ($"{Diffs} prompts of 36 tokens, 24 in common, these read once", () => Count(Begun(same: true))),
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

        return "| answers | tokens | seconds: min | median | max |\n| --- | ---: | ---: | ---: | ---: |\n"
            + string.Concat(ways.Select((way, i) => $"| {way.Name} | {tokens[i]} | {seconds[i].Min():F3} | {seconds[i].Order().ElementAt(rounds / 2):F3} | {seconds[i].Max():F3} |\n"));

        int[][] Answers(int[] rows, int slots)
        {
            using var inner = torch.NewDisposeScope();
            return Generator.Generate(
                model, [.. rows.Select(row => prompts[row])], settings, ends, new PromptOverlays(rows, diffs.Overlay),
                [.. rows.Select(row => RandomStream.Named(1, $"{row}"))], slots: slots);
        }

        int[][] Sampled(bool same) => Bare(sampled, same);

        int[][] Begun(bool same) => Bare(begun, same);

        // Where additions are told apart, nothing is shared, though all are none.
        int[][] Bare(int[][] asked, bool same) =>
            Generator.Generate(model, asked, short16, [], new PromptOverlays([.. asked.Select((_, row) => same ? 0 : row)], _ => Overlays.None));
    }

    private static int[] Tokens(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextInt(3000))];

    private static int Count(int[][] answers) => answers.Sum(answer => answer.Length);
}
