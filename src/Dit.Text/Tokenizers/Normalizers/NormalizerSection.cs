using Dit.Json;
using Dit.Text.Tokenizers.PreTokenizers;
using Dit.Unicode;

namespace Dit.Text.Tokenizers.Normalizers;

/// <summary>The normalizer of a tokenizer.json, as steps.</summary>
internal static class NormalizerSection
{
    public static List<Normalizer> Read(JsonPart? part)
    {
        var steps = new List<Normalizer>();
        if (part is { } normalizer)
        {
            Read(normalizer, steps);
        }

        return steps;
    }

    private static void Read(JsonPart part, List<Normalizer> steps)
    {
        switch (part.Required("type").Text())
        {
            case "Sequence":
                foreach (var step in part.Required("normalizers").Items())
                {
                    Read(step, steps);
                    Limits.Check(steps, part);
                }

                break;
            case "NFC":
                steps.Add(new(FormC.Of));
                break;
            case "NFD":
                steps.Add(new(FormC.Decomposed));
                break;
            case "Lowercase":
                steps.Add(new(Letters.Lowercase));
                break;
            case "Strip":
                steps.Add(ReadStrip(part));
                break;
            case "Prepend":
                var prefix = Limits.ReplacementOf(part.Required("prepend"));
                steps.Add(new(text => text.Length == 0 ? text : prefix + text, Prepends: true));
                break;
            case "Replace":
                var pattern = PatternSection.Read(part.Required("pattern"));
                var content = Limits.ReplacementOf(part.Required("content"));
                steps.Add(new(text => Replacing.All(text, pattern, content), MayDropStart: content.Length == 0));
                break;
            case var other:
                throw part.Unsupported($"the normalizer {other}");
        }
    }

    private static Normalizer ReadStrip(JsonPart part)
    {
        var (left, right) = (part.Required("strip_left").Flag(), part.Required("strip_right").Flag());
        return new(
            text => (left, right) switch
            {
                (true, true) => text.Trim(),
                (true, false) => text.TrimStart(),
                (false, true) => text.TrimEnd(),
                _ => text,
            },
            MayDropStart: left);
    }
}
