using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Audit;

/// <summary>A text and from where on the next tokens are looked at.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="From">The first place after which one looks.</param>
internal sealed record Reading(int[] Ids, int From)
{
    /// <summary>How many places are looked at.</summary>
    public int Places => Ids.Length - From;
}

/// <summary>What is predicted at places of texts. What leaves here lies in arrays, which no scope ends and which may be kept.</summary>
internal static class NextTokens
{
    private const int RowsAtOnce = 48, PlacesAtOnce = 512;

    /// <summary>The hidden states [places,H], text after text, from which the next tokens follow.</summary>
    public static float[] States(Voice voice, IReadOnlyList<Reading> readings, CancellationToken cancellation)
    {
        var width = voice.Decoder.Config.HiddenSize;
        int[] begins = [.. readings.Select((_, i) => readings.Take(i).Sum(reading => reading.Places))];
        var states = new float[readings.Sum(reading => reading.Places) * width];
        foreach (var rows in Enumerable.Range(0, readings.Count).OrderBy(row => readings[row].Ids.Length).Chunk(RowsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var longest = rows.Max(row => readings[row].Ids.Length);
            var (ids, mask) = (new long[rows.Length * longest], new long[rows.Length * longest]);
            for (var i = 0; i < rows.Length; i++)
            {
                for (var at = 0; at < readings[rows[i]].Ids.Length; at++)
                {
                    (ids[(i * longest) + at], mask[(i * longest) + at]) = (readings[rows[i]].Ids[at], 1);
                }
            }

            var (device, shape) = (voice.Decoder.Device, new long[] { rows.Length, longest });
            var hidden = voice.Decoder.HiddenStates(tensor(ids, shape, device: device), tensor(mask, shape, device: device), voice.Overlays)
                .to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
            for (var i = 0; i < rows.Length; i++)
            {
                var reading = readings[rows[i]];
                Array.Copy(hidden, ((i * longest) + reading.From) * width, states, begins[rows[i]] * width, reading.Places * width);
            }
        }

        return states;
    }

    /// <summary>The log-probabilities of some tokens at every place of states that <see cref="States"/> gave: [places][tokens].</summary>
    public static double[][] LogProbabilities(Voice voice, float[] states, int[] tokens)
    {
        var found = new List<double[]>();
        foreach (var logits in Logits(voice, states))
        {
            using var scope = NewDisposeScope();
            var chosen = logits.index_select(1, tensor(tokens.Select(token => (long)token).ToArray(), device: logits.device)).sub(logits.logsumexp(-1, keepdim: true));
            var values = chosen.cpu().contiguous().data<float>().ToArray();
            found.AddRange(values.Chunk(tokens.Length).Select(row => Array.ConvertAll(row, value => (double)value)));
        }

        return [.. found];
    }

    /// <summary>How far one's next tokens are from another's at every place, nats: the sum of p · log(p / q), p the first's and q the other's probabilities.</summary>
    public static double[] Divergences(Voice one, float[] states, Voice other, float[] otherStates)
    {
        var found = new List<double>();
        foreach (var (logits, otherLogits) in Logits(one, states).Zip(Logits(other, otherStates)))
        {
            using var scope = NewDisposeScope();
            var p = nn.functional.log_softmax(logits, -1);
            var q = nn.functional.log_softmax(otherLogits, -1);
            var apart = p.exp().mul_(p.sub(q)).sum(-1).cpu().data<float>().ToArray();
            found.AddRange(Array.ConvertAll(apart, value => Math.Max(0.0, value)));
        }

        return [.. found];
    }

    /// <summary>The scores of all tokens, some places at a time; each is freed when the next is asked for.</summary>
    private static IEnumerable<Tensor> Logits(Voice voice, float[] states)
    {
        var width = voice.Decoder.Config.HiddenSize;
        foreach (var part in states.Chunk(PlacesAtOnce * width))
        {
            using var hidden = tensor(part, [part.Length / width, width], device: voice.Decoder.Device).DetachFromDisposeScope();
            using var typed = hidden.to(voice.Decoder.Type).DetachFromDisposeScope();
            using var raw = voice.Decoder.Logits(typed).DetachFromDisposeScope();
            using var logits = raw.to(ScalarType.Float32).DetachFromDisposeScope();
            yield return logits;
        }
    }
}
