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
    /// <summary>Whether something is so on any rank.</summary>
    public static bool Any(this ICommunicator ranks, bool own)
    {
        Span<float> count = [own ? 1 : 0];
        ranks.Sum(count);
        return count[0] > 0;
    }

    /// <summary>Says that all ranks go on from the same step, or throws.</summary>
    /// <exception cref="DitException">Ranks see different checkpoints.</exception>
    public static void RequireSame(this ICommunicator ranks, string checkpoint, int step)
    {
        // What rank 0 has is the sum where all others add nothing.
        Span<float> first = [ranks.Rank == 0 ? step : 0];
        ranks.Sum(first);
        if (ranks.Any(first[0] != step))
        {
            throw new DitException($"{checkpoint}: expected the same checkpoint on all ranks, found that of step {step} on rank {ranks.Rank} and of step {first[0]} on rank 0; "
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
