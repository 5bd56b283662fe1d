using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>The pre-tokenizer of a tokenizer.json: patterns that cut, and at the end the alphabet pieces are spelled in.</summary>
internal static class PreTokenizerSection
{
    // What ByteLevel cuts by when it is told to use its own pattern.
    private const string OwnPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Adds what cuts to <paramref name="steps"/> and returns the spelling, or null where none is named.</summary>
    public static ISpelling? Read(JsonPart part, List<IPreTokenizer> steps)
    {
        ISpelling? spelling = null;
        foreach (var step in Flatten(part))
        {
            var type = step.Required("type").Text();
            if (spelling is not null)
            {
                throw step.Unsupported($"the pre-tokenizer {type} after ByteLevel");
            }

            switch (type)
            {
                case "Split":
                    steps.Add(ReadSplit(step));
                    break;
                case "ByteLevel":
                    spelling = ReadByteLevel(step, steps);
                    break;
                default:
                    throw step.Unsupported($"the pre-tokenizer {type}");
            }
        }

        return spelling;
    }

    private static IEnumerable<JsonPart> Flatten(JsonPart part) => part.Required("type").Text() == "Sequence"
        ? part.Required("pretokenizers").Items().SelectMany(Flatten)
        : [part];

    private static SplitPattern ReadSplit(JsonPart step)
    {
        if (step.Required("behavior").Text() is var behaviour && behaviour != "Isolated")
        {
            throw step.Unsupported($"the behavior {behaviour} of Split");
        }

        if (step.Flag("invert"))
        {
            throw step.Unsupported("an inverted Split");
        }

        var pattern = step.Required("pattern").Optional("Regex")?.Text() ?? throw step.Unsupported("a Split by anything but a Regex");
        var translated = OnigurumaPattern.Translate(pattern, out var problem)
            ?? throw step.Unsupported($"{problem} in the pattern");
        try
        {
            return new SplitPattern(translated, step.File);
        }
        catch (ArgumentException e)
        {
            throw new DitException($"{step.File}: expected a regular expression at {step.Where}, found a malformed one: {e.Message}", e);
        }
    }

    private static ByteLevel ReadByteLevel(JsonPart step, List<IPreTokenizer> steps)
    {
        // Both settings are on where the file does not say.
        if (step.Optional("add_prefix_space")?.Flag() ?? true)
        {
            throw step.Unsupported("the setting add_prefix_space");
        }

        if (step.Optional("use_regex")?.Flag() ?? true)
        {
            steps.Add(new SplitPattern(OwnPattern, step.File));
        }

        return new ByteLevel();
    }
}
