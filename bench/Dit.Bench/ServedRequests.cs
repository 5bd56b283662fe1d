using System.Diagnostics;
using System.Text;
using Dit.Interpretation;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Server.Generation;
using Dit.Text;
using TorchSharp;

namespace Dit.Bench;

/// <summary>Very many requests from as many clients as the engine has rows, and memory on the way.</summary>
internal static class ServedRequests
{
    private const int Clients = 64, Intervals = 10;

    public static async Task<string> Measure(Engine engine, LowRankFinetune[] finetunes, string[] questions, int requests, CancellationToken cancellation)
    {
        var (begun, answered, brokenOff, tokens) = (0, 0, 0, 0L);
        var table = new StringBuilder("| requests | answered | broken off | tensors | resident MiB | heap MiB | seconds |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        var start = Stopwatch.GetTimestamp();
        for (var interval = 1; interval <= Intervals; interval++)
        {
            // A round number of them is over at each line, and nothing is on its way.
            var upto = (int)((long)requests * interval / Intervals);
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => Client(upto), cancellation)));
            GC.Collect();
            var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes / 1048576.0;
            var resident = ProcessMemory.Of("VmRSS");
            table.AppendLine(System.Globalization.CultureInfo.InvariantCulture,
                $"| {upto} | {answered} | {brokenOff} | {torch.Tensor.TotalCount} | {resident:F0} | {heap:F1} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} |");
        }

        var load = engine.Load;
        return answered + brokenOff == requests && load is { Rows: 0, Waiting: 0, Bytes: 0 }
            ? table.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"\nNone lost: {answered} answered with {tokens} tokens and {brokenOff} broken off by their clients.").ToString()
            : throw new DitException($"serve: expected all of {requests} requests to come to an end and nothing to be held, found {answered + brokenOff} and {load}");

        async Task Client(int upto)
        {
            while (Interlocked.Increment(ref begun) is var number && number <= upto)
            {
                await Answer(number);
            }

            Interlocked.Decrement(ref begun);
        }

        async Task Answer(int number)
        {
            var random = RandomStream.Named((ulong)number, "request");
            var request = new AnswerRequest(
                random.NextInt(8) == 0 ? null : finetunes[random.NextInt(finetunes.Length)],
                1,
                null,
                [new Message("user", string.Join(' ', Enumerable.Range(0, 1 + random.NextInt(4)).Select(_ => questions[random.NextInt(questions.Length)])))],
                new GenerationSettings(1 + random.NextInt(40), Temperature: random.NextInt(2), Seed: (ulong)number));
            var (leaves, pieces) = (random.NextInt(10) == 0, 0);
            await foreach (var piece in engine.Answer(request, cancellation))
            {
                if (piece.End is { } end)
                {
                    Interlocked.Add(ref tokens, end.AnswerTokens);
                    Interlocked.Increment(ref answered);
                    return;
                }

                if (leaves && ++pieces == 2)
                {
                    break;
                }
            }

            Interlocked.Increment(ref brokenOff);
        }
    }
}
