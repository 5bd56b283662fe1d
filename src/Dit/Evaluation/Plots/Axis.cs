using System.Globalization;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Plots;

/// <summary>Where numbers of a range go on a line, and which of them are written beside it.</summary>
internal sealed record Axis
{
    private readonly double low, high, from, to;
    private readonly bool isLogarithmic;

    /// <summary>An axis.</summary>
    /// <param name="low">The number at its start.</param>
    /// <param name="high">The number at its end, which is not the same.</param>
    /// <param name="from">Where the start is.</param>
    /// <param name="to">Where the end is.</param>
    /// <param name="isLogarithmic">Whether equal factors, and not equal differences, are equally far apart.</param>
    public Axis(double low, double high, double from, double to, bool isLogarithmic = false) =>
        (this.low, this.high, this.from, this.to, this.isLogarithmic) = (low, high, from, to, isLogarithmic);

    /// <summary>An axis of values: shares from 0 to 1, a judge's grades from 1 to 5, others from 0 (or below) to a round number above the largest.</summary>
    public static Axis OfValues(Unit unit, IReadOnlyList<double> values, double from, double to)
    {
        var (least, most) = unit switch { Unit.Share => (0, 1), Unit.Score => (1, 5), _ => (0, 0.0) };
        var (low, high) = (Math.Min(least, values.DefaultIfEmpty().Min()), Math.Max(most, values.DefaultIfEmpty().Max()));
        var step = Step(low, high > low ? high : low + 1);
        // A value a hair outside must not take another step.
        (low, high) = (Math.Floor((low / step) + 1e-6) * step, Math.Ceiling(((high > low ? high : low + 1) / step) - 1e-6) * step);
        return new Axis(low, high, from, to);
    }

    /// <summary>Where a number is; one outside is at the nearer end.</summary>
    public double At(double value)
    {
        var share = isLogarithmic ? Math.Log(value / low) / Math.Log(high / low) : (value - low) / (high - low);
        return double.Lerp(from, to, Math.Clamp(share, 0, 1));
    }

    /// <summary>Five to eleven round numbers over its whole length; powers of ten, or of two where the range is short, on a logarithmic one.</summary>
    public IEnumerable<double> Ticks()
    {
        if (isLogarithmic)
        {
            var factor = high / low > 2000 ? 10.0 : 2;
            for (var tick = Math.Pow(factor, Math.Ceiling(Math.Log(low, factor) - 1e-9)); tick <= high * (1 + 1e-9); tick *= factor)
            {
                yield return tick;
            }

            yield break;
        }

        var step = Step(low, high);
        for (var i = Math.Ceiling((low / step) - 1e-9); i * step <= high + (1e-9 * step); i++)
        {
            yield return (i * step) + 0.0; // No negative zero.
        }
    }

    /// <summary>A number beside the axis.</summary>
    public static string Name(double value, Unit unit) => unit == Unit.Share
        ? (100 * value).ToString("0.##", CultureInfo.InvariantCulture) + " %"
        : value.ToString(Math.Abs(value) is > 0 and < 0.001 or >= 1e6 ? "0.#e0" : "0.####", CultureInfo.InvariantCulture);

    private static double Step(double low, double high)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(high - low)) - 1);
        return new[] { 1, 2, 5, 10, 20, 50 }.Select(each => each * power).First(step => (high - low) / step <= 6);
    }
}
