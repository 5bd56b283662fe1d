using System.Text;

namespace Dit.Unicode;

/// <summary>
/// Unicode normalisation, form C and D. string.Normalize does nothing when the runtime works without ICU
/// (InvariantGlobalization), and tokens must not depend on what is installed.
/// </summary>
internal static class FormC
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;
    private const int HangulCount = LeadCount * VowelCount * TrailCount;

    /// <summary>The text in form C. Lone surrogates become U+FFFD.</summary>
    public static string Of(string text) => IsSettled(text) ? text : Compose(Decompose(text));

    /// <summary>The text in form D. Lone surrogates become U+FFFD.</summary>
    public static string Decomposed(string text) => Text(Decompose(text));

    private static bool IsSettled(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF'))
        {
            return true;
        }

        var data = CanonicalData.All;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value >= 0x300 && (data.IsUnsettled(rune.Value) || rune.Value == 0xFFFD))
            {
                return false;
            }
        }

        return true;
    }

    private static List<int> Decompose(string text)
    {
        var runes = new List<int>(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, runes);
        }

        SortMarks(runes);
        return runes;
    }

    private static void Decompose(int rune, List<int> into)
    {
        if (rune - HangulBase is >= 0 and < HangulCount and var syllable)
        {
            into.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            into.Add(VowelBase + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount != 0)
            {
                into.Add(TrailBase + (syllable % TrailCount));
            }
        }
        else if (CanonicalData.All.DecompositionOf(rune) is { } parts)
        {
            foreach (var part in parts)
            {
                Decompose(part, into);
            }
        }
        else
        {
            into.Add(rune);
        }
    }

    /// <summary>Marks between two starters are ordered by class; equal classes keep their order.</summary>
    private static void SortMarks(List<int> runes)
    {
        var data = CanonicalData.All;
        for (var i = 0; i < runes.Count; i++)
        {
            if (data.ClassOf(runes[i]) == 0)
            {
                continue;
            }

            var end = i + 1;
            while (end < runes.Count && data.ClassOf(runes[end]) != 0)
            {
                end++;
            }

            if (end - i > 1)
            {
                var sorted = runes.GetRange(i, end - i).OrderBy(data.ClassOf).ToList();
                for (var j = 0; j < sorted.Count; j++)
                {
                    runes[i + j] = sorted[j];
                }
            }

            i = end;
        }
    }

    private static string Compose(List<int> runes)
    {
        var data = CanonicalData.All;
        var composed = new List<int>(runes.Count);
        var starter = -1;
        byte last = 0;
        foreach (var rune in runes)
        {
            var kind = data.ClassOf(rune);

            // A mark of the same or a higher class in between blocks; a starter composes only when it follows at once.
            var blocked = starter < 0 || (starter != composed.Count - 1 && last >= kind);
            if (!blocked && Pair(composed[starter], rune) is >= 0 and var pair)
            {
                composed[starter] = pair;
                continue;
            }

            if (kind == 0)
            {
                starter = composed.Count;
            }

            last = kind;
            composed.Add(rune);
        }

        return Text(composed);
    }

    private static string Text(List<int> runes)
    {
        var text = new StringBuilder(runes.Count);
        foreach (var rune in runes)
        {
            text.Append(new Rune(rune));
        }

        return text.ToString();
    }

    private static int Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount and var lead && second - VowelBase is >= 0 and < VowelCount and var vowel)
        {
            return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        if (first - HangulBase is >= 0 and < HangulCount and var syllable && syllable % TrailCount == 0
            && second - TrailBase is > 0 and < TrailCount and var trail)
        {
            return first + trail;
        }

        return CanonicalData.All.Compose(first, second);
    }
}
