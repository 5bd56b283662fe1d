using System.Text;

namespace Dit.Text.Tokenizers.Normalizers;

/// <summary>What normalizers do to single characters.</summary>
internal static class Letters
{
    /// <summary>Every character in lower case, whatever stands beside it.</summary>
    public static string Lowercase(string text)
    {
        var lower = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // The one character whose lower case is two.
            if (rune.Value == 0x130)
            {
                lower.Append("i\u0307");
            }
            else
            {
                lower.Append(Rune.ToLowerInvariant(rune));
            }
        }

        return lower.ToString();
    }
}
