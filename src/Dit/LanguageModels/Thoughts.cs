namespace Dit.LanguageModels;

/// <summary>What some models say aloud before they answer.</summary>
internal static class Thoughts
{
    private const string Start = "<think>", End = "</think>";

    /// <summary>The answer alone; nothing where the model was still thinking when it was cut off.</summary>
    public static string Without(string text)
    {
        var end = text.LastIndexOf(End, StringComparison.Ordinal);
        if (end >= 0)
        {
            return text[(end + End.Length)..].Trim();
        }

        return text.TrimStart().StartsWith(Start, StringComparison.Ordinal) ? "" : text.Trim();
    }
}
