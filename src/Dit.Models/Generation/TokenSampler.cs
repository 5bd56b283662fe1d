using System.Runtime.Intrinsics;
using Dit.Models.Randomness;

namespace Dit.Models.Generation;

/// <summary>Draws one token from the probabilities of all.</summary>
public static class TokenSampler
{
    private const int Block = 256;

    /// <summary>
    /// A token drawn by its probability from the smallest set of likeliest tokens that reaches <paramref name="topP"/>. Takes exactly one
    /// number from the stream.
    /// </summary>
    public static int Draw(ReadOnlySpan<float> probabilities, double topP, RandomStream randomness)
    {
        ArgumentNullException.ThrowIfNull(randomness);
        var drawn = randomness.NextDouble();
        return topP < 1 ? DrawFromLikeliest(probabilities, topP, drawn) : DrawFromAll(probabilities, drawn);
    }

    private static int DrawFromAll(ReadOnlySpan<float> probabilities, double drawn)
    {
        var left = drawn * Sum(probabilities);
        var last = 0;
        for (var first = 0; first < probabilities.Length; first += Block)
        {
            // Whole blocks are passed by their sums: a number by a number would wait for each subtraction.
            var block = probabilities[first..Math.Min(first + Block, probabilities.Length)];
            var sum = BlockSum(block);
            if (left >= sum && first + Block < probabilities.Length)
            {
                last = sum > 0 ? first + block.LastIndexOfAnyExcept(0) : last;
                left -= sum;
                continue;
            }

            for (var at = 0; at < block.Length; at++)
            {
                if (block[at] > 0)
                {
                    last = first + at;
                    left -= block[at];
                    if (left < 0)
                    {
                        return last;
                    }
                }
            }
        }

        // Rounding may leave a little over at the end; it goes to the last token that can be drawn.
        return last;
    }

    private static int DrawFromLikeliest(ReadOnlySpan<float> probabilities, double topP, double drawn)
    {
        // All tokens below this together weigh less than the rest that is cut off, so none of them is needed, nor sorted.
        var total = Sum(probabilities);
        var least = (1 - topP) * total / probabilities.Length;
        var likely = new List<(float Probability, int Id)>();
        for (var id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] >= least)
            {
                likely.Add((probabilities[id], id));
            }
        }

        likely.Sort((a, b) => a.Probability != b.Probability ? b.Probability.CompareTo(a.Probability) : a.Id.CompareTo(b.Id));
        var (count, kept) = (0, 0.0);
        while (count < likely.Count && (count == 0 || kept < topP * total))
        {
            kept += likely[count++].Probability;
        }

        var left = drawn * kept;
        for (var at = 0; at < count - 1; at++)
        {
            left -= likely[at].Probability;
            if (left < 0)
            {
                return likely[at].Id;
            }
        }

        return likely[count - 1].Id;
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        for (var first = 0; first < values.Length; first += Block)
        {
            sum += BlockSum(values[first..Math.Min(first + Block, values.Length)]);
        }

        return sum;
    }

    /// <summary>The sum of at most a block, the same whenever it is asked for.</summary>
    private static double BlockSum(ReadOnlySpan<float> values)
    {
        var (sums, at) = (Vector256<double>.Zero, 0);
        for (; at + Vector256<float>.Count <= values.Length; at += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(values[at..]));
            sums += lower + upper;
        }

        var sum = Vector256.Sum(sums);
        for (; at < values.Length; at++)
        {
            sum += values[at];
        }

        return sum;
    }
}
