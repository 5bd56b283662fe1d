namespace Dit.Diffs;

/// <summary>How much a finetuning changed one weight.</summary>
/// <param name="Name">The site, or another weight.</param>
/// <param name="Norm">Frobenius norm of the difference.</param>
/// <param name="BaseNorm">Frobenius norm of the base's weight.</param>
public sealed record WeightChange(string Name, double Norm, double BaseNorm)
{
    /// <summary>The difference as a share of the weight; null where the weight was zero.</summary>
    public double? Relative => BaseNorm > 0 ? Norm / BaseNorm : null;
}
