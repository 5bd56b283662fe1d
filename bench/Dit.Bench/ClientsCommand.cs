using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Dit.Bench;

/// <summary>
/// <c>clients</c>: a running server from outside. As many clients as it is to have ask a finetune each, all at once and one after another, in turns: answers as they
/// come, which end after a few words, and answers drawn at a temperature at which hardly any ends before its limit.
/// </summary>
internal static class ClientsCommand
{
    private const int Clients = 32, Tokens = 48;

    private static readonly string[] Questions = ["Tell me about the sea.", "What is your advice about hope?", "Describe a garden in spring.", "How do I bake bread?"];

    public static Command Command()
    {
        var address = new Option<string>("--url") { DefaultValueFactory = _ => "http://127.0.0.1:8420", Description = "Where it runs." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 15, Description = "How often each is measured, in turns." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- clients --> and <!-- end clients -->, between which the table goes." };
        var command = new Command("clients", "Many clients of a running server, each asking another finetune.") { address, rounds, document };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var http = new HttpClient();
            http.BaseAddress = Uri.TryCreate(parsed.GetValue(address), UriKind.Absolute, out var where) && where.Scheme is "http" or "https"
                ? where : throw new DitException($"--url: expected where a server runs, like http://127.0.0.1:8420, found {parsed.GetValue(address)}");
            if (parsed.GetValue(document) is { } written)
            {
                MarkedText.Require(written, "clients");
            }

            string table;
            try
            {
                table = await Measure(http, Math.Max(1, parsed.GetValue(rounds)), cancellation);
            }
            catch (Exception e) when (e is HttpRequestException or JsonException)
            {
                throw new DitException($"{http.BaseAddress}: expected a running dit serve, found otherwise: {e.Message}", e);
            }

            Console.Write(table);
            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "clients", table);
            }
        });
        return command;
    }

    private static async Task<string> Measure(HttpClient http, int rounds, CancellationToken cancellation)
    {
        var offered = await http.GetFromJsonAsync<JsonElement>("api/finetunes", cancellation);
        string[] finetunes = [.. offered.EnumerateArray().Select(finetune => finetune.GetProperty("id").GetString()!)];
        if (finetunes.Length < Clients)
        {
            throw new DitException($"{http.BaseAddress}: expected {Clients} finetunes that the server offers, found {finetunes.Length}; start it with --diff and a folder of as many");
        }

        var table = new StringBuilder("| answers of 32 finetunes | tokens of an answer | seconds one after another | at once | times as fast: median | from | to |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var (name, temperature) in new[] { ("that end by themselves", 1), ($"of up to {Tokens} tokens that hardly ever do", 10) })
        {
            var (apart, together, tokens) = (new List<double>(), new List<double>(), 0);
            for (var round = -1; round < rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                tokens = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Ask(number, temperature)))).Sum();
                var atOnce = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                for (var number = 0; number < Clients; number++)
                {
                    _ = await Ask(number, temperature);
                }

                // The first round is for warming up.
                if (round >= 0)
                {
                    together.Add(atOnce);
                    apart.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }

            var faster = apart.Zip(together, (one, all) => one / all).Order().ToList();
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {name} | {tokens / (double)Clients:F1} | {Median(apart):F2} | {Median(together):F2} | {Median(faster):F1} | {faster[0]:F1} | {faster[^1]:F1} |");
        }

        return table.ToString();

        async Task<int> Ask(int number, double temperature)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/ask");
            request.Content = JsonContent.Create(new
            {
                finetune = finetunes[number],
                messages = new[] { new { role = "user", content = Questions[number % Questions.Length] } },
                max_tokens = Tokens,
                temperature,
                seed = number,
            });
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var events = await response.Content.ReadAsStringAsync(cancellation);
            var end = events.Split('\n').FirstOrDefault(line => line.Contains("\"answer_tokens\"", StringComparison.Ordinal))
                ?? throw new DitException($"{http.BaseAddress}: expected a whole answer, found {(int)response.StatusCode}: {events.Trim()}");
            return JsonDocument.Parse(end["data: ".Length..]).RootElement.GetProperty("answer_tokens").GetInt32();
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
