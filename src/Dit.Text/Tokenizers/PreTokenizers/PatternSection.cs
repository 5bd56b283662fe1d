using Dit.Json;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>A pattern in a tokenizer.json: a string as it is, or a regular expression of Oniguruma.</summary>
internal static class PatternSection
{
    // Published patterns have some hundred characters; a hostile one could take minutes to be understood.
    private const int Longest = 10_000;

    public static IPattern Read(JsonPart part)
    {
        if (part.Optional("String")?.Text() is { } literal)
        {
            return literal.Length > 0 ? new LiteralPattern(literal) : throw part.Unsupported("an empty pattern");
        }

        var pattern = part.Optional("Regex")?.Text() ?? throw part.Unexpected("a String or a Regex");
        if (pattern.Length > Longest)
        {
            throw part.Unsupported($"a pattern of {pattern.Length} characters");
        }

        var translated = OnigurumaPattern.Translate(pattern, out var problem) ?? throw part.Unsupported($"{problem} in the pattern");
        try
        {
            return new RegexPattern(translated, part.File);
        }
        catch (ArgumentException e)
        {
            throw new DitException($"{part.File}: expected a regular expression at {part.Where}, found a malformed one: {e.Message}", e);
        }
    }
}
