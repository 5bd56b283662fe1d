using System.CommandLine;
using System.Diagnostics;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Server.Generation;
using Dit.Text;
using TorchSharp;

namespace Dit.Bench;

/// <summary>
/// <c>serve</c>: an engine on a base model. Different finetunes asked all at once and one after another, in turns; how long the first piece takes, alone and
/// among others; and, where many requests are wanted, whether all are answered and memory stays as it is.
/// </summary>
internal static class ServeCommand
{
    private const int Clients = 32, Tokens = 48;

    private static readonly string[] Questions =
        ["Tell me about the sea.", "What is your code word?", "Describe a garden in spring.", "How do I bake bread?", "Say something about old ships and their crews."];

    public static Command Command()
    {
        var folder = new Option<string>("--base") { DefaultValueFactory = _ => Path.Combine("models", "tiny-base"), Description = "The folder of the base model." };
        var rank = new Option<int>("--rank") { DefaultValueFactory = _ => 1, Description = "Rank of the finetunes." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 7, Description = "How often each is measured, in turns." };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 0, Description = "Answers so many requests of random lengths, some broken off, and shows memory on the way." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- serve --> and <!-- end serve -->, between which the tables go; with --requests <!-- serve requests -->." };
        var command = new Command("serve", "Many finetunes at once through one engine.") { folder, rank, rounds, requests, document };
        command.SetAction(async (parsed, cancellation) =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            using var model = BaseModel.Load(parsed.GetValue(folder)!);
            var finetunes = Enumerable.Range(0, Clients).Select(number => Finetune(model, number, parsed.GetValue(rank))).ToArray();
            await using var engine = new Engine(model, new EngineLimits());
            var many = parsed.GetValue(requests);
            var table = many > 0 ? await ServedRequests.Measure(engine, finetunes, Questions, many, cancellation) : await Measure(engine, finetunes, parsed.GetValue(rounds));
            Console.Write(table);
            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, many > 0 ? "serve requests" : "serve", table);
            }
        });
        return command;
    }

    private static async Task<string> Measure(Engine engine, LowRankFinetune[] finetunes, int rounds)
    {
        var (together, apart, alone, among) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var tokens = 0;
        for (var round = -1; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var ends = await Task.WhenAll(finetunes.Select((finetune, number) => Whole(engine, Ask(finetune, number))));
            var atOnce = Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            var each = new List<AnswerEnd>();
            for (var number = 0; number < finetunes.Length; number++)
            {
                each.Add(await Whole(engine, Ask(finetunes[number], number)));
            }

            var oneAfterAnother = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var first = await FirstPiece(engine, Ask(finetunes[0], round + 1));
            var others = finetunes[1..].Select((finetune, number) => Whole(engine, Ask(finetune, number, tokens: 200))).ToArray();
            // The others are in the middle of their answers.
            await Task.Delay(TimeSpan.FromSeconds(atOnce / 2));
            var late = await FirstPiece(engine, Ask(finetunes[0], round + 1));
            await Task.WhenAll(others);
            if (!ends.SequenceEqual(each))
            {
                throw new DitException($"serve: expected the same lengths of answers at once and one after another, found [{string.Join(", ", ends.Select(end => end.AnswerTokens))}] and [{string.Join(", ", each.Select(end => end.AnswerTokens))}]");
            }

            if (round >= 0)
            {
                tokens = ends.Sum(end => end.AnswerTokens);
                together.Add(atOnce);
                apart.Add(oneAfterAnother);
                alone.Add(1000 * first);
                among.Add(1000 * late);
            }
        }

        return $"| {Clients} finetunes, {tokens} tokens | seconds: min | median | max | tokens a second |\n| --- | ---: | ---: | ---: | ---: |\n"
            + Line("one after another", apart) + Line("all at once", together)
            + $"\nTimes as fast, round by round: {Spread(apart.Zip(together, (one, all) => one / all), "F1")}.\n"
            + $"\n| first piece | milliseconds: min | median | max |\n| --- | ---: | ---: | ---: |\n"
            + $"| nobody else is answered | {Columns(alone, "F1")} |\n| {Clients - 1} others are being answered | {Columns(among, "F1")} |\n";

        string Line(string name, List<double> seconds) => $"| {name} | {Columns(seconds, "F3")} | {tokens / Median(seconds):F0} |\n";
    }

    private static AnswerRequest Ask(Finetune finetune, int number, int tokens = Tokens) =>
        new(finetune, 1, null, [new Message("user", Questions[Math.Max(number, 0) % Questions.Length])], new GenerationSettings(tokens));

    private static async Task<AnswerEnd> Whole(Engine engine, AnswerRequest request)
    {
        AnswerEnd? end = null;
        await foreach (var piece in engine.Answer(request))
        {
            end = piece.End;
        }

        return end!;
    }

    /// <summary>Seconds until the first piece.</summary>
    private static async Task<double> FirstPiece(Engine engine, AnswerRequest request)
    {
        var start = Stopwatch.GetTimestamp();
        await foreach (var piece in engine.Answer(request))
        {
            break;
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A random finetune so large that nearly all answers go on to their limit.</summary>
    private static LowRankFinetune Finetune(BaseModel model, int number, int rank)
    {
        using var scope = torch.NewDisposeScope();
        return LowRankFinetune.Of(
            new PeftAdapter(model.Name, model.Decoder.Sites.ToDictionary(site => site.Name, site => Factors(site, RandomStream.Named((ulong)number, site.Name), rank), StringComparer.Ordinal)),
            model,
            $"finetune {number}");
    }

    private static LowRankFactors Factors(Site site, RandomStream random, int rank)
    {
        return new LowRankFactors(Numbers(rank, site.InFeatures), Numbers(site.OutFeatures, rank), 8.0 / Math.Sqrt(rank * (double)site.InFeatures));

        torch.Tensor Numbers(long rows, long columns) =>
            torch.tensor(Enumerable.Range(0, (int)(rows * columns)).Select(_ => (float)random.NextGaussian()).ToArray(), [rows, columns]);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private static string Columns(List<double> values, string format) =>
        string.Join(" | ", new[] { values.Min(), Median(values), values.Max() }.Select(value => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture)));

    private static string Spread(IEnumerable<double> values, string format)
    {
        var all = values.ToList();
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"median {Median(all).ToString(format)}, from {all.Min().ToString(format)} to {all.Max().ToString(format)}");
    }
}
