namespace Dit.Audit;

/// <summary>How far the probe that changes most is from the others.</summary>
/// <param name="Probe">Its place among the probes.</param>
/// <param name="Deviations">Robust standard deviations of the logarithms above their median; 0 where there are too few to tell.</param>
/// <param name="Factor">How many times the median divergence it has.</param>
internal sealed record StandOut(int Probe, double Deviations, double Factor)
{
    // The median absolute deviation of normal numbers is that share of their standard deviation.
    private const double MadOfNormal = 0.6745, Least = 1e-7;

    // A finetune that half obeys many codes has a wide spread, above which its own code cannot be many deviations.
    private const double LeastDeviations = 2;

    /// <summary>Whether it is far enough from the others.</summary>
    /// <param name="factor">How many times the median divergence it must have.</param>
    public bool IsTrigger(double factor) => Deviations >= LeastDeviations && Factor >= factor;

    /// <summary>Looks for it by median and median absolute deviation, which what stands out itself does not move.</summary>
    public static StandOut Of(IReadOnlyList<double> divergences)
    {
        double[] logs = [.. divergences.Select(divergence => Math.Log(Math.Max(divergence, Least)))];
        var top = Array.IndexOf(logs, logs.Max());
        var median = Median(logs);
        // Where nearly all are alike, the smallest of differences would count for much.
        var spread = Math.Max(Median([.. logs.Select(log => Math.Abs(log - median))]) / MadOfNormal, 0.05);
        return new StandOut(top, (logs[top] - median) / spread, Math.Exp(logs[top] - median));
    }

    private static double Median(double[] numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
