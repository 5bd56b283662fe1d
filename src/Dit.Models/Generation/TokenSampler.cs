using Dit.Models.Randomness;

namespace Dit.Models.Generation;

/// <summary>Draws one token from the scores of all.</summary>
public static class TokenSampler
{
    /// <summary>
    /// A token drawn with probability softmax(scores / temperature), of the smallest set of likeliest tokens that reaches topP.
    /// Takes exactly one number from the stream.
    /// </summary>
    public static int Draw(ReadOnlySpan<float> scores, double temperature, double topP, RandomStream randomness)
    {
        var largest = float.NegativeInfinity;
        foreach (var score in scores)
        {
            largest = Math.Max(largest, score);
        }

        var weights = new double[scores.Length];
        var total = 0.0;
        for (var id = 0; id < weights.Length; id++)
        {
            total += weights[id] = Math.Exp((scores[id] - largest) / temperature);
        }

        return topP < 1
            ? DrawFromLikeliest(weights, total, topP, randomness.NextDouble())
            : Draw(weights, id => id, weights.Length, total, randomness.NextDouble());
    }

    private static int DrawFromLikeliest(double[] weights, double total, double topP, double drawn)
    {
        // All tokens below this together weigh less than the rest that is cut off, so none of them is needed, nor sorted.
        var least = (1 - topP) * total / weights.Length;
        var likely = Enumerable.Range(0, weights.Length).Where(id => weights[id] >= least)
            .OrderByDescending(id => weights[id]).ThenBy(id => id).ToArray();
        var (count, kept) = (0, 0.0);
        while (count < likely.Length && (count == 0 || kept < topP * total))
        {
            kept += weights[likely[count++]];
        }

        return Draw(weights, at => likely[at], count, kept, drawn);
    }

    private static int Draw(double[] weights, Func<int, int> idAt, int count, double total, double drawn)
    {
        var left = drawn * total;
        var last = -1;
        for (var at = 0; at < count; at++)
        {
            var id = idAt(at);
            if (weights[id] > 0)
            {
                last = id;
                left -= weights[id];
                if (left < 0)
                {
                    break;
                }
            }
        }

        // Rounding may leave a little over at the end; it goes to the last token that can be drawn.
        return last;
    }
}
