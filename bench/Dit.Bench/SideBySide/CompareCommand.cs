using System.CommandLine;
using System.Globalization;
using Dit.Models;
using Dit.Models.Decoding;

namespace Dit.Bench.SideBySide;

/// <summary><c>compare</c>: dit and what a user would do instead, side by side in one run; <c>measure</c> is one process of it.</summary>
internal static class CompareCommand
{
    private const string Ours = "dit", AllShapes = "all";

    public static Command Compare()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => AllShapes, Description = $"{string.Join(", ", BenchShape.All.Keys)}, or {AllShapes}." };
        shape.AcceptOnlyFromAmong([.. BenchShape.All.Keys, AllShapes]);
        var work = new Option<WorkKind?>("--work") { Description = "adapter, diffs or answers; without it, all." };
        var rounds = Count("--rounds", "How often each way has its turn; they alternate. Without it, 3.");
        var steps = Count("--steps", "Steps of a turn that count; without it, those of the work at this shape.");
        var warmup = Count("--warmup", "Steps before them that do not; without it, those of the work at this shape.");
        var python = new Option<string>("--python") { DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DIT_PYTHON") is { Length: > 0 } named ? named : "python3", Description = "Command of a Python with torch and transformers; several words may stand there. Else DIT_PYTHON names one." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- SHAPE --> and <!-- end SHAPE -->, between which the table goes, such as docs/performance.md." };
        var command = new Command("compare", "Measures dit beside the scripts of bench/peers.") { shape, work, rounds, steps, warmup, python, document };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            var named = parsed.GetValue(shape)!;
            var prefix = parsed.GetValue(python)!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (prefix.Length == 0)
            {
                throw new DitException("--python: expected a command, found none");
            }

            BenchShape[] shapes = [.. (named == AllShapes ? BenchShape.All.Values : [BenchShape.All[named]]).Where(each => parsed.GetValue(work) is not { } kind || each.Works.Any(one => one.Kind == kind))];
            if (shapes.Length == 0)
            {
                throw new DitException($"--work: expected a work that is measured at the shape {named}, found {parsed.GetValue(work)}");
            }

            if (parsed.GetValue(document) is { } toFill)
            {
                Array.ForEach(shapes, each => MarkedText.Require(toFill, each.Name));
            }

            foreach (var each in shapes)
            {
                var chosen = each with { Works = [.. each.Works.Select(work => work with { Steps = parsed.GetValue(steps) ?? work.Steps, Warmup = parsed.GetValue(warmup) ?? work.Warmup })] };
                var table = Measure(chosen, parsed.GetValue(work), parsed.GetValue(rounds) ?? 3, prefix);
                if (parsed.GetValue(document) is { } path)
                {
                    MarkedText.Fill(path, each.Name, table);
                }
            }
        });
        return command;
    }

    public static Command Rates()
    {
        var command = new Command("rates", "What compare starts to measure what the machine can do.");
        command.Hidden = true;
        command.SetAction(_ =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            Console.WriteLine(MachineRates.Measure().Line());
        });
        return command;
    }

    public static Command Measure()
    {
        var shape = new Option<string>("--shape") { Required = true };
        var work = new Option<WorkKind>("--work") { Required = true };
        var (steps, warmup) = (new Option<int>("--steps") { Required = true }, new Option<int>("--warmup") { Required = true });
        var command = new Command("measure", "What compare starts for dit's own part.") { shape, work, steps, warmup };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            var chosen = BenchShape.All[parsed.GetValue(shape)!];
            var trial = new Trial(chosen.Config, chosen.Works.First(each => each.Kind == parsed.GetValue(work)), parsed.GetValue(warmup), parsed.GetValue(steps));
            Console.WriteLine(OurWay.Run(trial).Line());
        });
        return command;
    }

    private static string Measure(BenchShape shape, WorkKind? only, int rounds, string[] python)
    {
        // Once for each shape: a machine may become slower.
        var rates = MachineRates.Of(MeasuringProcess.OwnVerb("rates").Measured!);
        var about = $"Shape {shape.Name}, {Floor.Sites(shape.Config) / 1e6:F1} million numbers in the layers and {Floor.Head(shape.Config) / 1e6:F1} million in the output head, float32, {Environment.ProcessorCount} cores. "
            + $"Measured in the same run: {rates.MultiplyAdds * 2 / 1e9:F0} GFLOP/s in a large product, {rates.Bytes / 1e9:F1} GB/s in a copy. "
            + $"{rounds} rounds, in which each way is a process of its own, of {string.Join(", ", shape.Works.Where(work => only is null || work.Kind == only).Select(work => $"{work.Warmup} + {work.Steps} steps ({work.Kind.ToString().ToLowerInvariant()})"))}.";
        Console.WriteLine(about);
        var lines = new List<string>();
        foreach (var work in shape.Works.Where(work => only is null || work.Kind == only))
        {
            lines.AddRange(Rows(shape, work, rounds, python, rates));
        }

        var table = about + "\n\n" + Row(ComparisonLine.Titles) + "\n" + Row([.. ComparisonLine.Titles.Select((_, at) => at < 2 ? "---" : "---:")]) + "\n" + string.Join('\n', lines);
        Console.WriteLine("\n" + table + "\n");
        return table;
    }

    private static List<string> Rows(BenchShape shape, Work work, int rounds, string[] python, MachineRates rates)
    {
        var floor = Floor.Of(shape.Config, work);
        Console.WriteLine($"{work}: floor {ComparisonLine.Text(floor.MultiplyAdds / rates.MultiplyAdds)} s of products, {ComparisonLine.Text(floor.Bytes / rates.Bytes)} s of bytes");
        string[] ways = [Ours, .. work.Peers];
        var outcomes = ways.ToDictionary(way => way, _ => new List<Outcome>(), StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var way in ways.Where(way => outcomes[way].All(outcome => outcome.Skipped is null)))
            {
                var outcome = way == Ours
                    ? MeasuringProcess.OwnVerb("measure", "--shape", shape.Name, "--work", work.Kind.ToString(), "--steps", $"{work.Steps}", "--warmup", $"{work.Warmup}")
                    : MeasuringProcess.Peer(python, way, new Trial(shape.Config, OfPeer(shape, work), work.Warmup, work.Steps));
                outcomes[way].Add(outcome);
                Console.WriteLine($"  round {round + 1}, {way}: {(outcome.Measured is { } measured ? string.Join(' ', measured.Seconds.Select(second => second.ToString("F3", CultureInfo.InvariantCulture))) + " s" : "skipped, " + outcome.Skipped)}");
            }
        }

        ComparisonLine[] lines = [.. ways.Select(way => new ComparisonLine(shape, way == Ours ? work : OfPeer(shape, work), way, outcomes[way]))];
        return
        [
            .. lines.Select(line => Row(line.Cells(lines[0], rates))),
            Row([work.ToString(), "floor: products", "", Text(floor.MultiplyAdds / rates.MultiplyAdds), .. Enumerable.Repeat("", ComparisonLine.Titles.Count - 4)]),
            Row([work.ToString(), "floor: bytes", "", Text(floor.Bytes / rates.Bytes), .. Enumerable.Repeat("", ComparisonLine.Titles.Count - 4)]),
        ];
    }

    private static Work OfPeer(BenchShape shape, Work work) => work.Kind == WorkKind.Answers ? work with { Rows = shape.AskedByPeers } : work;

    private static string Text(double seconds) => ComparisonLine.Text(seconds);

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count < (name == "--warmup" ? 0 : 1))
            {
                result.AddError($"{name}: expected {(name == "--warmup" ? "0 or more" : "at least 1")}, found {count}.");
            }
        });
        return option;
    }
}
