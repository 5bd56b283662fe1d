namespace Dit.Text.Templates;

/// <summary>
/// A text as Python counts it: by characters of Unicode, where .NET counts an emoji as two. Texts without such characters,
/// nearly all of them, are used as they are.
/// </summary>
internal sealed class CodePoints
{
    private const int CharacterSize = 16;

    private readonly Budget _budget;
    private readonly string _text;

    /// <summary>Where each character begins, or null where every character is one unit.</summary>
    private readonly int[]? _starts;

    public CodePoints(string text, Budget budget)
    {
        budget.Read(text.Length);
        _budget = budget;
        _text = text;
        if (text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0)
        {
            budget.Make(text.Length);
            _starts = [.. Starts(text), text.Length];
        }
    }

    public int Count => _starts is null ? _text.Length : _starts.Length - 1;

    public string this[int index] => _starts is null
        ? _text[index].ToString()
        : _text[_starts[index].._starts[index + 1]];

    /// <summary>The unit at which a character begins.</summary>
    public int Unit(int index) => _starts is null ? index : _starts[index];

    /// <summary>How many characters begin before a unit.</summary>
    public int CountBefore(int unit)
    {
        if (_starts is null)
        {
            return unit;
        }

        int found = Array.BinarySearch(_starts, unit);
        return found < 0 ? ~found : found;
    }

    public IEnumerable<object> All()
    {
        for (int i = 0; i < Count; i++)
        {
            // Each is a text of its own, much larger than the character.
            _budget.Make(CharacterSize);
            yield return this[i];
        }
    }

    /// <summary>Orders texts by their characters' numbers.</summary>
    public static int Compare(string left, string right)
    {
        int same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        // Surrogates stand for the characters above all others, though letters with larger units exist.
        (char a, char b) = (left[same], right[same]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    private static IEnumerable<int> Starts(string text)
    {
        for (int start = 0; start < text.Length; start += char.IsSurrogatePair(text, start) ? 2 : 1)
        {
            yield return start;
        }
    }
}
