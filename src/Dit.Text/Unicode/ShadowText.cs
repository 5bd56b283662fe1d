using System.Globalization;
using System.Text;

namespace Dit.Unicode;

/// <summary>
/// A text in which every character outside the BMP is replaced by one BMP character of the same general category, so that
/// .NET's regular expressions, which see UTF-16 units, match \p{L} and its like there too.
/// </summary>
internal sealed class ShadowText
{
    private readonly int[] starts;

    private ShadowText(char[] text, int[] starts)
    {
        Text = text;
        this.starts = starts;
    }

    /// <summary>The stand-in: one UTF-16 unit per character.</summary>
    public char[] Text { get; }

    /// <summary>Where the stand-in's unit at this index starts in the original text.</summary>
    public int StartOf(int index) => starts[index];

    public static ShadowText Of(ReadOnlySpan<char> original)
    {
        var text = new List<char>(original.Length);
        var places = new List<int>(original.Length + 1);
        var at = 0;
        foreach (var rune in original.EnumerateRunes())
        {
            places.Add(at);
            text.Add(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            at += rune.Utf16SequenceLength;
        }

        places.Add(at);
        return new ShadowText([.. text], [.. places]);
    }

    /// <summary>A rare BMP character of the category, one that no pattern names.</summary>
    public static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u10A0',
        UnicodeCategory.LowercaseLetter => '\uA681',
        UnicodeCategory.TitlecaseLetter => '\u1FFC',
        UnicodeCategory.ModifierLetter => '\uA788',
        UnicodeCategory.OtherLetter => '\uA840',
        UnicodeCategory.NonSpacingMark => '\uA802',
        UnicodeCategory.SpacingCombiningMark => '\uA880',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA8D0',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\uFE4F',
        UnicodeCategory.DashPunctuation => '\uFE58',
        UnicodeCategory.OpenPunctuation => '\uFE5D',
        UnicodeCategory.ClosePunctuation => '\uFE5E',
        UnicodeCategory.InitialQuotePunctuation => '\u2E0C',
        UnicodeCategory.FinalQuotePunctuation => '\u2E0D',
        UnicodeCategory.OtherPunctuation => '\uA874',
        UnicodeCategory.MathSymbol => '\uFE62',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\uA828',
        UnicodeCategory.Format => '\uFFF9',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFDD0',
    };
}
