namespace Dit.Evaluation.Methods;

/// <summary>What several answers say together for one label.</summary>
public static class Evidence
{
    private const int Shares = 20;

    // In nats: beyond any odds that a model's rounding errors leave meaningful.
    private const double Most = 500;

    /// <summary>
    /// The log of how many times likelier the answers are if an unknown share of them is on the label than if none is. Any share is taken to
    /// be as likely as any other: answers that give nothing away then cost the right label little and win a wrong one nothing, however many
    /// they are. 0 for no answers.
    /// </summary>
    /// <param name="logRatios">For each answer the log of how many times likelier it is on the label; what is no number counts as 0.</param>
    public static double Of(IReadOnlyList<double> logRatios)
    {
        ArgumentNullException.ThrowIfNull(logRatios);
        double[] ratios = [.. logRatios.Select(ratio => double.IsNaN(ratio) ? 0 : Math.Clamp(ratio, -Most, Most))];
        return LogSum([.. Enumerable.Range(0, Shares).Select(i =>
        {
            var share = (i + 0.5) / Shares;
            return ratios.Sum(ratio => LogSum([Math.Log(1 - share), Math.Log(share) + ratio]));
        })]) - Math.Log(Shares);
    }

    /// <summary>The log of the sum of numbers given by their logs.</summary>
    internal static double LogSum(IReadOnlyList<double> logs)
    {
        var most = logs.Max();
        return double.IsInfinity(most) ? most : most + Math.Log(logs.Sum(log => Math.Exp(log - most)));
    }
}
