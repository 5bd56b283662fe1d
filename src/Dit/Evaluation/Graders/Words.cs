using System.Text;

namespace Dit.Evaluation.Graders;

/// <summary>The words of a text, as graders compare them.</summary>
internal static class Words
{
    /// <summary>
    /// Runs of letters, digits and marks, in lower case. Scripts that put no space between words have a word for each character, so that
    /// a label can be found inside a sentence.
    /// </summary>
    public static string[] Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var standsAlone = StandsAlone(rune);
            if (standsAlone || !IsPartOfWord(rune))
            {
                End();
            }

            if (standsAlone || IsPartOfWord(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }

            if (standsAlone)
            {
                End();
            }
        }

        End();
        return [.. words];

        void End()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    private static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    /// <summary>Hiragana, Katakana and Han.</summary>
    private static bool StandsAlone(Rune rune) => Rune.IsLetter(rune) && rune.Value is >= 0x3040 and <= 0x30FF or >= 0x3400 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;
}
