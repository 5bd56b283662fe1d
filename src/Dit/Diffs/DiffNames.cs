namespace Dit.Diffs;

/// <summary>Names of diffs that can be typed, and be names of folders.</summary>
public static class DiffNames
{
    private const int Longest = 60;

    /// <summary>A text as a name: a good one as it is, else its letters and digits in lower case with hyphens between.</summary>
    public static string Of(string text)
    {
        if (text.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return text;
        }

        var words = new string([.. text.Take(Longest).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? string.Join('-', words) : "diff";
    }
}
