namespace Dit.Diffs.Inspection;

/// <summary>How many directions a change really has, read from its singular values.</summary>
/// <param name="Largest">The largest singular value, ‖ΔW‖₂.</param>
/// <param name="NumericalRank">Singular values above a thousandth of the largest; null where only the largest is known.</param>
/// <param name="StableRank">‖ΔW‖_F² / ‖ΔW‖₂², at most the rank, and hardly moved by small singular values.</param>
/// <param name="EffectiveRank">exp of the entropy of the shares σᵢ² / Σσ²: in how many directions the change is spread; null where only the largest is known.</param>
public sealed record Spectrum(double Largest, int? NumericalRank, double StableRank, double? EffectiveRank)
{
    /// <summary>Below this share of the largest, a singular value counts as none.</summary>
    public const double Threshold = 1e-3;

    /// <summary>The spectrum of a change with these singular values; null for a change of nothing.</summary>
    public static Spectrum? Of(IReadOnlyList<double> singularValues)
    {
        var largest = singularValues.Count == 0 ? 0 : singularValues.Max();
        if (!(largest > 0) || !double.IsFinite(largest))
        {
            return null;
        }

        // Relative to the largest: squares of tiny numbers would vanish.
        double[] energies = [.. singularValues.Select(value => value / largest).Select(value => value * value)];
        return new Spectrum(largest, singularValues.Count(value => value > Threshold * largest), energies.Sum(), Spread.CountLike(energies));
    }
}
