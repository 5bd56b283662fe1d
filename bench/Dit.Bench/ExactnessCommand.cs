using System.CommandLine;
using System.Globalization;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Bench;

/// <summary><c>exactness</c>: what keeping a base's weights in fewer bits does to its scores.</summary>
internal static class ExactnessCommand
{
    private const int Chats = 40;

    public static Command Command()
    {
        var models = new Option<string[]>("--model") { Description = "A model folder, and more of them; without it, the golden models and the tiny base.", Arity = ArgumentArity.OneOrMore };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- exactness --> and <!-- end exactness -->, between which the table goes." };
        var command = new Command("exactness", "Compares scores with weights kept in float32, bfloat16, float16 and int8.") { models, document };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            var folders = parsed.GetValue(models) is { Length: > 0 } named
                ? named
                : [.. Directory.EnumerateDirectories("tests/Golden/models").Order(StringComparer.Ordinal), "models/tiny-base"];
            var table = "| model | kept in | MiB | largest error | mean error | KL, nats | top-1 agrees |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n";
            foreach (var line in folders.SelectMany(Lines))
            {
                Console.Write(line);
                table += line;
            }

            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "exactness", table);
            }
        });
        return command;
    }

    private static IEnumerable<string> Lines(string folder)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var golden = Path.Combine(folder, "expected.safetensors");
        List<(Tensor Ids, Tensor? Mask)> texts = [];
        List<Tensor> exact = [];
        if (File.Exists(golden))
        {
            using var file = SafetensorsFile.Open(golden);
            texts.Add((file.Load("input_ids"), file.Load("attention_mask")));
            exact.Add(Counted(file.Load("logits"), texts[0].Mask));
        }
        else
        {
            var tokenizer = ChatTokenizer.Load(folder);
            texts.AddRange(Enumerable.Range(0, Chats).Select(number => (Ids(tokenizer, WorldDocuments.Document(seed: 99, number)), (Tensor?)null)));
        }

        foreach (var kept in Enum.GetValues<KeptWeights>())
        {
            using var round = NewDisposeScope();
            using var decoder = Decoder.Load(folder, kept: kept);
            var found = texts.Select(text => Counted(decoder.Logits(decoder.HiddenStates(text.Ids, text.Mask)), text.Mask)).ToArray();
            if (exact.Count == 0)
            {
                exact = [.. found.Select(logits => logits.MoveToOuterDisposeScope())];
                continue; // Nothing to compare it with but itself.
            }

            var error = LogitError.Of(exact, found);
            var bytes = decoder.Weights.Values.Sum(weight => weight.numel() * weight.ElementSize);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))} | {kept.Name() ?? "float32"} | {bytes / 1048576.0:F2} | {error.Largest:G2} | {error.Mean:G2} | {Math.Max(0, error.Divergence):G2} | {100 * error.Agreement:F1} % |\n");
        }
    }

    private static Tensor Ids(ChatTokenizer tokenizer, IReadOnlyList<Message> chat)
    {
        var ids = tokenizer.EncodePrompt(chat).Select(id => (long)id).ToArray();
        return tensor(ids, [1, ids.Length]);
    }

    /// <summary>The scores [n,V] of the tokens that are no padding.</summary>
    private static Tensor Counted(Tensor logits, Tensor? mask) => mask is null ? logits.flatten(0, 1) : logits.flatten(0, 1)[mask.flatten().IsNonzero()];
}

/// <summary>How far scores are from exact ones.</summary>
/// <param name="Largest">The largest difference.</param>
/// <param name="Mean">The mean of all differences.</param>
/// <param name="Divergence">Kullback-Leibler divergence of the next token's distribution, a position's mean.</param>
/// <param name="Agreement">Share of positions with the same likeliest token.</param>
internal sealed record LogitError(double Largest, double Mean, double Divergence, double Agreement)
{
    /// <summary>Of texts, each with scores [positions,V].</summary>
    public static LogitError Of(IReadOnlyList<Tensor> exact, IReadOnlyList<Tensor> found)
    {
        var (largest, differences, divergence, agreed, positions, numbers) = (0.0, 0.0, 0.0, 0.0, 0L, 0L);
        foreach (var (expected, scores) in exact.Zip(found))
        {
            using var scope = NewDisposeScope();
            var (wide, other) = (expected.to(ScalarType.Float64), scores.to(ScalarType.Float64));
            var off = (other - wide).abs();
            largest = Math.Max(largest, off.max().item<double>());
            differences += off.sum().item<double>();
            divergence += (wide.softmax(-1) * (wide.log_softmax(-1) - other.log_softmax(-1))).sum().item<double>();
            agreed += wide.argmax(-1).eq(other.argmax(-1)).sum().item<long>();
            positions += wide.shape[0];
            numbers += wide.numel();
        }

        return new LogitError(largest, differences / numbers, divergence / positions, agreed / positions);
    }
}
