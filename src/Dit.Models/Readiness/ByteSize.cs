using System.Globalization;

namespace Dit.Models.Readiness;

/// <summary>Amounts of memory as people read them.</summary>
public static class ByteSize
{
    private static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Such as <c>1.5 GiB</c>.</summary>
    public static string Text(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        while (size >= 1000 && unit < s_units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return size.ToString(unit == 0 || size >= 100 ? "0" : size >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }
}
