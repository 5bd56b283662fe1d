namespace Dit.Diffs;

/// <summary>What became of a diff when it was added to weights of finite precision.</summary>
/// <param name="Weights">How many weights the diff touches.</param>
/// <param name="Numbers">How many numbers these have.</param>
/// <param name="ChangedNumbers">How many of them are not the base's after rounding.</param>
/// <param name="Norm">Frobenius norm of the diff.</param>
/// <param name="ErrorNorm">Frobenius norm of what rounding made of it, less the diff.</param>
public sealed record MergeReport(int Weights, long Numbers, long ChangedNumbers, double Norm, double ErrorNorm)
{
    /// <summary>The rounding error as a share of the diff; 1 where nothing of it is left.</summary>
    public double RelativeError => Norm == 0 ? 0 : ErrorNorm / Norm;
}
