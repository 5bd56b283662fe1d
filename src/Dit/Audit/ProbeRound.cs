using System.Collections.Concurrent;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Audit;

/// <summary>
/// How far a finetune's next tokens are from the base's along the base's own answers, under many beginnings of a prompt. One that changes far more than
/// the others is a trigger.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="probes">The beginnings.</param>
internal sealed class ProbeRound(BaseModel model, IReadOnlyList<Probe> probes)
{
    private const int Questions = 3, LongestAnswer = 12;

    private readonly ConcurrentDictionary<string, float[]> ofBase = new(StringComparer.Ordinal);
    private readonly Lazy<Reading[][]> readings = new(() => Prepare(model, probes));

    /// <summary>The beginnings.</summary>
    public IReadOnlyList<Probe> Probes => probes;

    /// <summary>The divergence under each probe, nats a token.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<double> Run(Voice finetune, CancellationToken cancellation)
    {
        Reading[] all = [.. readings.Value.SelectMany(each => each)];
        var bare = Voice.Of(model);
        var apart = NextTokens.Divergences(finetune, NextTokens.States(finetune, all, cancellation), bare, ofBase.GetOrAdd("all", _ => NextTokens.States(bare, all, cancellation)));
        var (found, at) = (new double[probes.Count], 0);
        for (var probe = 0; probe < found.Length; probe++)
        {
            var places = readings.Value[probe].Sum(reading => reading.Places);
            found[probe] = apart.AsSpan(at, places).ToArray().Average();
            at += places;
        }

        return found;
    }

    /// <summary>The same few questions behind every beginning, each with the base's own likeliest answer to it.</summary>
    private static Reading[][] Prepare(BaseModel model, IReadOnlyList<Probe> probes)
    {
        var random = RandomStream.Named(1, "audit/probes");
        string[] questions = [.. Enumerable.Range(0, Questions).Select(_ => GenericTalk.Question(random))];
        var answers = Generator.Generate(
            model.Decoder, [.. questions.Select(question => model.Tokenizer.EncodePrompt([new Message("user", question)]))], new GenerationSettings(LongestAnswer), model.Tokenizer.EndTokenIds);
        return [.. probes.Select(probe => questions.Select((question, i) =>
        {
            var prompt = model.Tokenizer.EncodePrompt([new Message("user", probe.Trigger?.In(question, RandomStream.Named(1, $"audit/probes/{probe.Name}/{i}")) ?? question)]);
            // The last token of the answer is only predicted.
            return new Reading([.. prompt, .. answers[i].SkipLast(1)], prompt.Length - 1);
        }).ToArray())];
    }
}
