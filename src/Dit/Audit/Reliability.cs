namespace Dit.Audit;

/// <summary>How well confidences held on finetunes whose labels were known and that were not used to fit them.</summary>
/// <param name="Finetunes">How many there were.</param>
/// <param name="Right">Share of verdicts that were right.</param>
/// <param name="ExpectedCalibrationError">Mean distance of confidence and share of right verdicts over the bins, weighted by their counts.</param>
/// <param name="Bins">Confidences in ten equal bins; those without a finetune are left out.</param>
public sealed record Reliability(int Finetunes, double Right, double ExpectedCalibrationError, IReadOnlyList<ReliabilityBin> Bins)
{
    private const int BinCount = 10;

    /// <summary>Measures it.</summary>
    /// <param name="verdicts">Confidences, and whether the verdicts were right.</param>
    public static Reliability Of(IReadOnlyList<(double Confidence, bool Right)> verdicts)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        ReliabilityBin[] bins = [.. verdicts.GroupBy(verdict => Math.Min((int)(verdict.Confidence * BinCount), BinCount - 1)).OrderBy(bin => bin.Key).Select(bin => new ReliabilityBin(
            (double)bin.Key / BinCount, (bin.Key + 1.0) / BinCount, bin.Count(), bin.Average(verdict => verdict.Confidence), bin.Average(verdict => verdict.Right ? 1.0 : 0)))];
        var error = verdicts.Count == 0 ? 0 : bins.Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Right)) / verdicts.Count;
        return new Reliability(verdicts.Count, verdicts.Count == 0 ? 0 : verdicts.Average(verdict => verdict.Right ? 1.0 : 0), error, bins);
    }
}

/// <summary>Verdicts of about the same confidence.</summary>
/// <param name="From">Lowest confidence, inclusive.</param>
/// <param name="To">Highest confidence; exclusive but for 1.</param>
/// <param name="Count">How many verdicts.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Right">Share that was right.</param>
public sealed record ReliabilityBin(double From, double To, int Count, double Confidence, double Right);
