using System.Globalization;
using Dit.Evaluation.Plots;

namespace Dit.Audit;

/// <summary>Numbers of audits as people read them; one that is not finite is said to be so.</summary>
public static class AuditNumber
{
    /// <summary>Three digits that count.</summary>
    public static string Shown(double value) => NotFinite(value) ?? (value < 0 ? "−" : "") + HeatMap.Short(Math.Abs(value));

    /// <summary>The same with a plus before what is above 0.</summary>
    public static string Signed(double value) => (value > 0 && double.IsFinite(value) ? "+" : "") + Shown(value);

    /// <summary>A share from 0 to 1 in whole per cent; what is close to an end, but not there, is said to be so.</summary>
    public static string Percent(double share) => NotFinite(share) ?? share switch
    {
        > 0 and < 0.005 => "under 1 %",
        < 1 and > 0.995 => "over 99 %",
        _ => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>A share that may be tiny or many times the whole, such as that of a change in what it changes.</summary>
    public static string Share(double share) => NotFinite(share) ?? share switch
    {
        < 0.1 => (100 * share).ToString("0.0#", CultureInfo.InvariantCulture) + " %",
        < 100 => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %",
        _ => $"{(100 * share).ToString("0.0e0", CultureInfo.InvariantCulture)} %",
    };

    /// <summary>A factor or a mean of a few things, with as many digits as it needs.</summary>
    public static string Plain(double value) => NotFinite(value) ?? value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A whole number, thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string? NotFinite(double value) => double.IsFinite(value) ? null : double.IsNaN(value) ? "not a number" : "not finite";
}
