using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training.DataParallel;

/// <summary>The processes that train one adapter together, called ranks, as MPI names them. What one calls, all call, in the same order.</summary>
public interface ICommunicator
{
    /// <summary>Which of them this is, counted from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>Adds up the numbers of all ranks; each has the sums in place of its own numbers then, to the same bits.</summary>
    void Sum(Span<float> numbers);
}

/// <summary>What follows from adding up.</summary>
internal static class Communication
{
    // A message of so many is long enough to be fast, and its bytes can still be counted in 32 bits.
    private const long MostAtOnce = 1 << 28;

    /// <summary>Adds up a float32 tensor [n] of all ranks in place, on whatever device it is.</summary>
    /// <exception cref="ArgumentException">The tensor is of another type.</exception>
    public static void Sum(this ICommunicator ranks, Tensor numbers)
    {
        if (numbers.dtype != ScalarType.Float32)
        {
            throw new ArgumentException($"expected numbers in float32, found {numbers.dtype}", nameof(numbers));
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        foreach (var part in numbers.split(MostAtOnce))
        {
            var here = part.cpu();
            ranks.Sum(MemoryMarshal.Cast<byte, float>(here.bytes));
            if (part.device_type != DeviceType.CPU)
            {
                part.copy_(here);
            }
        }
    }

    /// <summary>The sum of a number over all ranks.</summary>
    public static double Sum(this ICommunicator ranks, double own)
    {
        // In two parts, so that nothing is rounded to the digits of one.
        var high = (float)own;
        Span<float> sum = [high, float.IsFinite(high) ? (float)(own - high) : 0];
        ranks.Sum(sum);
        return (double)sum[0] + sum[1];
    }

    /// <summary>Whether something is so on any rank.</summary>
    public static bool Any(this ICommunicator ranks, bool own) => ranks.Sum(own ? 1.0 : 0.0) > 0;

    /// <summary>Says that all ranks go on from the same step, or throws.</summary>
    /// <exception cref="DitException">Ranks see different checkpoints.</exception>
    public static void RequireSame(this ICommunicator ranks, string checkpoint, int step)
    {
        // What rank 0 has is the sum where all others add nothing.
        var first = ranks.Sum(ranks.Rank == 0 ? step : 0.0);
        if (ranks.Any(first != step))
        {
            throw new DitException($"{checkpoint}: expected the same checkpoint on all ranks, found that of step {step} on rank {ranks.Rank} and of step {first} on rank 0; "
                + "the run folder must be on a file system that they share");
        }
    }
}

/// <summary>One process that trains alone.</summary>
public sealed class SingleProcess : ICommunicator
{
    /// <inheritdoc />
    public int Rank => 0;

    /// <inheritdoc />
    public int Size => 1;

    /// <inheritdoc />
    public void Sum(Span<float> numbers)
    {
        // Its own numbers are the sums.
    }
}
