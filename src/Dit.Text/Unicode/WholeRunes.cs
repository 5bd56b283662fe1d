namespace Dit.Unicode;

/// <summary>Texts without lone surrogates, which no UTF-8 can hold.</summary>
internal static class WholeRunes
{
    /// <summary>The text with U+FFFD for every half of a surrogate pair.</summary>
    public static string Of(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return string.Concat(text.EnumerateRunes());
            }

            i++;
        }

        return text;
    }
}
