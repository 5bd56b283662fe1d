using System.Text;
using Dit.Json;

namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>The pre-tokenizer of a tokenizer.json, as steps.</summary>
internal static class PreTokenizerSection
{
    public static List<IPreTokenizer> Read(JsonPart? part)
    {
        var steps = new List<IPreTokenizer>();
        if (part is { } preTokenizer)
        {
            Read(preTokenizer, steps);
        }

        return steps;
    }

    private static void Read(JsonPart part, List<IPreTokenizer> steps)
    {
        switch (part.Required("type").Text())
        {
            case "Sequence":
                foreach (var step in part.Required("pretokenizers").Items())
                {
                    Read(step, steps);
                    Limits.Check(steps, part);
                }

                break;
            case "Split":
                steps.Add(new Split(PatternSection.Read(part.Required("pattern")), ReadBehavior(part), part.Flag("invert")));
                break;
            case "ByteLevel":
                steps.Add(ReadByteLevel(part));
                break;
            case "Metaspace":
                var (mark, scheme, split) = MetaspaceSettings.Read(part);
                steps.Add(new Metaspace(mark, scheme, split));
                break;
            case "Digits":
                var behavior = part.Flag("individual_digits") ? Behavior.Isolated : Behavior.Contiguous;
                steps.Add(new Split(new RunePattern(Rune.IsNumber), behavior));
                break;
            case "Punctuation":
                steps.Add(new Split(new RunePattern(IsPunctuation), part.Optional("behavior") is null ? Behavior.Isolated : ReadBehavior(part)));
                break;
            case var other:
                throw part.Unsupported($"the pre-tokenizer {other}");
        }
    }

    private static Behavior ReadBehavior(JsonPart step)
    {
        var name = step.Required("behavior").Text();
        return Enum.GetNames<Behavior>().Contains(name) ? Enum.Parse<Behavior>(name) : throw step.Unsupported($"the behavior {name}");
    }

    private static ByteLevel ReadByteLevel(JsonPart step)
    {
        // Both settings are on where the file does not say.
        var own = step.Optional("use_regex")?.Flag() ?? true;
        return new ByteLevel(
            step.Optional("add_prefix_space")?.Flag() ?? true,
            own ? new Split(new RegexPattern(ByteLevel.OwnPattern, step.File), Behavior.Isolated) : null);
    }

    private static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune) || (rune.IsAscii && Rune.IsSymbol(rune));
}
