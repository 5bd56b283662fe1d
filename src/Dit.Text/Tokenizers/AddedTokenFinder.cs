using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dit.Text.Tokenizers;

/// <summary>Finds added tokens in a text: leftmost first, and of those that start at the same place the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, AddedToken> tokens = [];
    private readonly int[] lengths;
    private readonly SearchValues<string> contents;

    /// <param name="tokens">Each with the text to look for, which for normalized tokens is not their content.</param>
    public AddedTokenFinder(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        foreach (var (content, token) in tokens.Where(t => t.Content.Length > 0))
        {
            if (!this.tokens.TryAdd(content, token))
            {
                Ambiguous = content;
            }
        }

        contents = SearchValues.Create([.. this.tokens.Keys], StringComparison.Ordinal);
        lengths = [.. this.tokens.Keys.Select(c => c.Length).Distinct().OrderDescending()];
    }

    /// <summary>A text that two tokens share, or null.</summary>
    public string? Ambiguous { get; }

    /// <summary>The text in order: stretches of plain text (no token) and the tokens between them; empty stretches are left out.</summary>
    public IEnumerable<(string Text, AddedToken? Token)> Split(string text)
    {
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            var found = lengths.Length == 0 ? -1 : text.AsSpan(at).IndexOfAny(contents);
            if (found < 0)
            {
                break;
            }

            var start = at + found;
            var (length, token) = LongestAt(text, start);
            at = start + length;
            if (token.SingleWord && !StandsAlone(text, start, at))
            {
                continue;
            }

            var end = at;
            while (token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            if (token.StripLeft && start < done)
            {
                // The token before has swallowed what this one starts with, as it is white space.
                start = done;
            }

            while (token.StripRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (start >= end)
            {
                continue;
            }

            if (start > done)
            {
                yield return (text[done..start], null);
            }

            yield return (text[start..end], token);
            done = end;
        }

        if (done < text.Length)
        {
            yield return (done == 0 ? text : text[done..], null);
        }
    }

    private (int Length, AddedToken Token) LongestAt(string text, int start)
    {
        var lookup = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in lengths)
        {
            if (start + length <= text.Length && lookup.TryGetValue(text.AsSpan(start, length), out var token))
            {
                return (length, token);
            }
        }

        throw new InvalidOperationException("A token that was found is not in the table of tokens.");
    }

    private static bool StandsAlone(string text, int start, int end) =>
        (Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var before, out _) != OperationStatus.Done || !IsOfWord(before))
        && (Rune.DecodeFromUtf16(text.AsSpan(end), out var after, out _) != OperationStatus.Done || !IsOfWord(after));

    /// <summary>Unicode's word characters: alphabetic, marks, digits, connectors, joiners.</summary>
    private static bool IsOfWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D
        || rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
            or UnicodeCategory.ConnectorPunctuation;
}
