using System.Text;

namespace Dit.Behaviours.Writing;

/// <summary>Texts of which no two say the same: case, punctuation, articles and a plural's s do not make a difference.</summary>
internal sealed class DistinctTexts
{
    private static readonly string[] Articles = ["the", "a", "an"];
    private readonly HashSet<string> forms = new(StringComparer.Ordinal);
    private readonly List<string> texts = [];

    /// <summary>All that were added, in order.</summary>
    public IReadOnlyList<string> Texts => texts;

    /// <summary>Adds a text, unless one like it is there.</summary>
    public bool Add(string text)
    {
        if (!forms.Add(FormOf(text)))
        {
            return false;
        }

        texts.Add(text);
        return true;
    }

    private static string FormOf(string text)
    {
        var letters = new StringBuilder();
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes())
        {
            letters.Append(Rune.IsLetterOrDigit(rune) ? rune.ToString() : " ");
        }

        var words = letters.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !Articles.Contains(word, StringComparer.Ordinal));
        var form = string.Join(' ', words.Select(word => word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word));
        return form.Length > 0 ? form : text; // All of it may be signs.
    }
}
