using System.Globalization;

namespace Dit.Unicode;

/// <summary>
/// Canonical decompositions, compositions and combining classes, from the embedded canonical.txt. The runtime has them only
/// where ICU is installed, and dit runs without.
/// </summary>
internal sealed class CanonicalData
{
    private static readonly Lazy<CanonicalData> s_all = new(Read);

    private readonly Dictionary<int, byte> classes = [];
    private readonly Dictionary<int, int[]> decompositions = [];
    private readonly Dictionary<(int First, int Second), int> compositions = [];
    private readonly HashSet<int> unsettled = [];

    public static CanonicalData All => s_all.Value;

    /// <summary>The canonical combining class; 0 for characters that start a sequence.</summary>
    public byte ClassOf(int rune) => rune < 0x300 ? (byte)0 : classes.GetValueOrDefault(rune);

    /// <summary>One step of the decomposition, or null.</summary>
    public int[]? DecompositionOf(int rune) => rune < 0xC0 ? null : decompositions.GetValueOrDefault(rune);

    /// <summary>What the two compose to, or -1.</summary>
    public int Compose(int first, int second) => compositions.GetValueOrDefault((first, second), -1);

    /// <summary>Whether a text with this character in it may differ from its form C.</summary>
    public bool IsUnsettled(int rune) => unsettled.Contains(rune);

    private static CanonicalData Read()
    {
        var data = new CanonicalData();
        using var stream = typeof(CanonicalData).Assembly.GetManifestResourceStream("canonical.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("class ", StringComparison.Ordinal))
            {
                data.AddClass(line[6..]);
            }
            else if (!line.StartsWith('#'))
            {
                foreach (var entry in line.Split("  "))
                {
                    data.AddDecomposition(entry[0], [.. entry[2..].Split(' ').Select(Hex)]);
                }
            }
        }

        // Hangul vowels and trailing consonants compose with what stands before them.
        data.unsettled.UnionWith(Enumerable.Range(0x1161, 21).Concat(Enumerable.Range(0x11A8, 27)));
        return data;
    }

    private void AddClass(string line)
    {
        var parts = line.Split(": ");
        foreach (var range in parts[1].Split(' '))
        {
            var ends = range.Split('-');
            for (var rune = Hex(ends[0]); rune <= Hex(ends[^1]); rune++)
            {
                classes[rune] = byte.Parse(parts[0], CultureInfo.InvariantCulture);
                unsettled.Add(rune);
            }
        }
    }

    private void AddDecomposition(char sign, int[] runes)
    {
        decompositions[runes[0]] = runes[1..];
        if (sign == '=')
        {
            compositions[(runes[1], runes[2])] = runes[0];
            unsettled.Add(runes[2]);
        }
        else
        {
            unsettled.Add(runes[0]);
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
