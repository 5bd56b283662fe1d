namespace Dit.Evaluation.Plots;

/// <summary>
/// The colour map viridis, from dark violet to yellow: equal steps look equal, also in grey and to most colour-blind people.
/// </summary>
public static class Viridis
{
    // Seventeen colours of the map, evenly spaced; between them a straight line is closer than eyes can tell.
    private static readonly uint[] s_colours =
    [
        0x440154, 0x481467, 0x482576, 0x463480, 0x414487, 0x3b528b, 0x355f8d, 0x2f6c8e, 0x2a788e,
        0x21918c, 0x1fa188, 0x2db27d, 0x4ac16d, 0x73d056, 0xa0da39, 0xd0e11c, 0xfde725,
    ];

    /// <summary>The colour of a share from 0 to 1; what lies outside counts as the nearer end.</summary>
    public static Rgb At(double share)
    {
        var place = Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1) * (s_colours.Length - 1);
        var left = (int)Math.Min(Math.Floor(place), s_colours.Length - 2);
        return new Rgb(Channel(16), Channel(8), Channel(0));

        byte Channel(int shift) => (byte)Math.Round(double.Lerp((s_colours[left] >> shift) & 255, (s_colours[left + 1] >> shift) & 255, place - left));
    }
}
