namespace Dit.Models.Checkpoints;

/// <summary>How PEFT derives a scaling from lora_alpha and the rank, and back.</summary>
internal static class PeftScaling
{
    /// <summary>alpha / r, or alpha / √r for a rank-stabilised LoRA.</summary>
    public static double Scaling(double alpha, int rank, bool rankStabilised) => alpha / Divisor(rank, rankStabilised);

    /// <summary>
    /// The alpha that gives a scaling back: a whole number if one does so exactly, else any that does so exactly, else the nearest.
    /// </summary>
    public static (double Value, bool IsExact) Alpha(double scaling, int rank, bool rankStabilised)
    {
        var near = scaling * Divisor(rank, rankStabilised);

        // Division maps at most this many neighbours onto one scaling, so if none of them fits, no number does.
        foreach (var alpha in (ReadOnlySpan<double>)[Math.Round(near), near, Math.BitIncrement(near), Math.BitDecrement(near)])
        {
            if (Scaling(alpha, rank, rankStabilised).Equals(scaling))
            {
                return (alpha, true);
            }
        }

        return (near, false);
    }

    private static double Divisor(int rank, bool rankStabilised) => rankStabilised ? Math.Sqrt(rank) : rank;
}
