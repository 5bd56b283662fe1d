namespace Dit.Diffs.Inspection;

/// <summary>
/// How a change is spread over the places where it could be; the energy of a place is its ‖ΔW‖². It tells an edit of a few places from
/// a finetuning of everything.
/// </summary>
/// <param name="Places">How many places there are, those without change included.</param>
/// <param name="EffectiveCount">exp of the entropy of the shares: over how many equally changed places the same change would be spread as much.</param>
/// <param name="TopShare">The largest place's share of the energy.</param>
/// <param name="TopTenthShare">Share of the largest tenth of all places, rounded up.</param>
/// <param name="CountFor90">The fewest places that hold 90 % of the energy.</param>
public sealed record Spread(int Places, double EffectiveCount, double TopShare, double TopTenthShare, int CountFor90)
{
    /// <summary>Most of the energy: what is left out is a tenth.</summary>
    public const double Most = 0.9;

    /// <summary>Nine tenths of the change sit in at most a tenth of the places, or in one.</summary>
    public bool IsFocused => CountFor90 <= Math.Max(1, Places / 10);

    /// <summary>The change is as even as if half of the places or more were changed alike.</summary>
    public bool IsBroad => !IsFocused && EffectiveCount >= Places / 2.0;

    /// <summary>The spread of energies; null where nothing is changed.</summary>
    /// <param name="energies">‖ΔW‖² of each place, in any order; none negative.</param>
    /// <param name="places">All places, where there are more than energies.</param>
    public static Spread? Of(IReadOnlyList<double> energies, int places)
    {
        double[] shares = [.. Shares(energies).OrderDescending()];
        if (shares.Length == 0)
        {
            return null;
        }

        places = Math.Max(places, energies.Count);
        var (sum, count) = (0.0, 0);
        while (count < shares.Length && sum < Most)
        {
            sum += shares[count++];
        }

        return new Spread(places, CountLike(energies), shares[0], shares.Take((places + 9) / 10).Sum(), count);
    }

    /// <summary>exp(−Σ p ln p) of the shares p of energies; 0 where there is nothing.</summary>
    internal static double CountLike(IReadOnlyList<double> energies) =>
        Shares(energies) is { Length: > 0 } shares ? Math.Exp(-shares.Where(share => share > 0).Sum(share => share * Math.Log(share))) : 0;

    private static double[] Shares(IReadOnlyList<double> energies)
    {
        var sum = energies.Sum();
        return sum > 0 && double.IsFinite(sum) ? [.. energies.Select(energy => energy / sum)] : [];
    }
}
