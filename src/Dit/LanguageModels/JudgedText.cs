namespace Dit.LanguageModels;

/// <summary>What other models said, as a language model is shown it.</summary>
internal static class JudgedText
{
    private const int Longest = 4000;

    /// <summary>The start of a text that may be of any length; whole characters only.</summary>
    public static string Cut(string text) => text.Length <= Longest ? text : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
}
