using System.Globalization;

namespace Dit.Bench.SideBySide;

/// <summary>One way of doing a piece of work, with everything that was measured of it.</summary>
/// <param name="Shape">The model.</param>
/// <param name="Work">The work as this way did it.</param>
/// <param name="Way">Whose it is.</param>
/// <param name="Outcomes">Of every round.</param>
internal sealed record ComparisonLine(BenchShape Shape, Work Work, string Way, IReadOnlyList<Outcome> Outcomes)
{
    /// <summary>Two ways give the same loss up to rounding; by more than this they do not do the same.</summary>
    private const double SameLoss = 1e-3;

    /// <summary>Titles of the cells.</summary>
    public static IReadOnlyList<string> Titles { get; } =
    [
        "work", "way", "seconds: min", "median", "max", "diffs a minute", "tokens a second", "of the product peak", "MiB over the bare model", "first loss", "ours is faster", "ours takes of its memory",
    ];

    private IReadOnlyList<Measured> Measured { get; } = [.. Outcomes.Select(outcome => outcome.Measured).OfType<Measured>()];

    private string? Skipped { get; } = Outcomes.FirstOrDefault(outcome => outcome.Skipped is not null)?.Skipped;

    /// <summary>Times of all steps of all rounds, the shortest first.</summary>
    private double[] Seconds { get; } = [.. Outcomes.SelectMany(outcome => outcome.Measured?.Seconds ?? []).Order()];

    /// <summary>The time of a step in the middle of all; a number that is none where nothing was measured.</summary>
    public double Median => Seconds.Length == 0 ? double.NaN : (Seconds[(Seconds.Length - 1) / 2] + Seconds[Seconds.Length / 2]) / 2;

    /// <summary>Memory over the bare model, of the round that took most.</summary>
    public double? ExtraMib => Measured.Max(measured => measured.PeakMib - measured.BareMib);

    /// <summary>A row of the table.</summary>
    /// <param name="ours">The line of dit.</param>
    /// <param name="rates">What the machine can do.</param>
    public IReadOnlyList<string> Cells(ComparisonLine ours, MachineRates rates)
    {
        if (Skipped is { } why && Seconds.Length == 0)
        {
            return [Work.ToString(), $"{Way}: {why}", "", "", "", "", "", "", "", "", "", ""];
        }

        var perMinute = Work.Kind == WorkKind.Diffs ? 60 * Work.Rows / (Median * Shape.StepsPerDiff) : 60 * Work.Rows / Median;
        var share = Floor.Of(Shape.Config, Work).MultiplyAdds / Median / rates.MultiplyAdds;
        var isOurs = ReferenceEquals(this, ours);
        return
        [
            Work.ToString(), Way, Text(Seconds[0]), Text(Median), Text(Seconds[^1]), Text(perMinute), Text(Work.TokensPerStep / Median), share.ToString("P0", CultureInfo.InvariantCulture),
            ExtraMib is { } extra ? extra.ToString("F0", CultureInfo.InvariantCulture) : "not told", LossText(ours), isOurs || ours.Seconds.Length == 0 ? "" : $"{Text(PerDiff(Median, Work) / PerDiff(ours.Median, ours.Work))} ×",
            isOurs || ExtraMib is not > 0 || ours.ExtraMib is not { } own ? "" : Text(own / ExtraMib.Value),
        ];
    }

    /// <summary>A number with three figures that count.</summary>
    internal static string Text(double number) => Math.Abs(number) switch
    {
        >= 1000 => number.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => number.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => number.ToString("F1", CultureInfo.InvariantCulture),
        >= 1 => number.ToString("F2", CultureInfo.InvariantCulture),
        _ => number.ToString("G3", CultureInfo.InvariantCulture),
    };

    private static double PerDiff(double seconds, Work work) => seconds / work.Rows;

    private string LossText(ComparisonLine ours)
    {
        if (Work.Kind == WorkKind.Answers || Measured[0].Losses is not [var own, ..])
        {
            return "";
        }

        var expected = ours.Measured is [{ Losses: [var first, ..] }, ..] ? first : own;
        var text = own.ToString("F4", CultureInfo.InvariantCulture);
        return Math.Abs(own - expected) <= SameLoss * Math.Abs(expected) ? text : text + " ≠ ours";
    }
}
