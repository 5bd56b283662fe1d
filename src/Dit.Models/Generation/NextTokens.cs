using System.Runtime.InteropServices;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>How the next token of one row is found.</summary>
/// <param name="Temperature">What its scores are divided by; 0 takes the likeliest token.</param>
/// <param name="TopP">Only the likeliest tokens that together reach this probability are drawn.</param>
/// <param name="Randomness">The row's stream.</param>
internal readonly record struct TokenChoice(double Temperature, double TopP, RandomStream Randomness);

/// <summary>The next tokens of some rows from their scores.</summary>
internal static class NextTokens
{
    /// <summary>
    /// The next token of each row from the scores [n,V]; any token where the choice is null. And whether the scores can be trusted: not where the best
    /// is no finite number, nor where nothing was chosen. One of -inf among them is only a token that never comes.
    /// </summary>
    public static (int[] Next, bool[] IsFinite) Of(Tensor logits, IReadOnlyList<TokenChoice?> choices)
    {
        using var scope = NewDisposeScope();
        var (next, isFinite) = (new int[choices.Count], new bool[choices.Count]);
        int[] sure = [.. Enumerable.Range(0, choices.Count).Where(i => choices[i] is { Temperature: 0 })];
        int[] drawn = [.. Enumerable.Range(0, choices.Count).Where(i => choices[i] is { Temperature: > 0 })];
        if (sure.Length > 0)
        {
            var (best, finite) = Likeliest(Rows(logits, sure));
            for (var i = 0; i < sure.Length; i++)
            {
                (next[sure[i]], isFinite[sure[i]]) = (best[i], finite[i]);
            }
        }

        if (drawn.Length > 0)
        {
            var temperatures = tensor(drawn.Select(i => (float)choices[i]!.Value.Temperature).ToArray(), [drawn.Length, 1], device: logits.device);
            var softmax = nn.functional.softmax(Rows(logits, drawn).to(ScalarType.Float32).div(temperatures), -1).cpu().contiguous();
            var size = (int)softmax.shape[1];
            var probabilities = MemoryMarshal.Cast<byte, float>(softmax.bytes);
            for (var i = 0; i < drawn.Length; i++)
            {
                // A NaN or an infinite score makes every probability of its row NaN.
                var own = probabilities.Slice(i * size, size);
                var choice = choices[drawn[i]]!.Value;
                isFinite[drawn[i]] = !float.IsNaN(own[0]);
                next[drawn[i]] = isFinite[drawn[i]] ? TokenSampler.Draw(own, choice.TopP, choice.Randomness) : 0;
            }
        }

        return (next, isFinite);
    }

    private static Tensor Rows(Tensor logits, int[] rows) =>
        rows.Length == logits.shape[0] ? logits : logits.index_select(0, tensor(rows.Select(row => (long)row).ToArray(), device: logits.device));

    private static (int[] Next, bool[] IsFinite) Likeliest(Tensor logits)
    {
        // The position of a NaN, where there is one.
        var best = logits.argmax(-1, keepdim: true);
        var finite = logits.gather(-1, best).isfinite().cpu().data<bool>().ToArray();
        return ([.. best.cpu().data<long>().ToArray().Select(id => (int)id)], finite);
    }
}
