using Dit.Json;
using Dit.Text.Tokenizers.PreTokenizers;

namespace Dit.Text.Tokenizers.Decoders;

/// <summary>The decoder of a tokenizer.json, as steps.</summary>
internal static class DecoderSection
{
    public static List<Decoder> Read(JsonPart part)
    {
        var steps = new List<Decoder>();
        Read(part, steps);
        return steps;
    }

    private static void Read(JsonPart part, List<Decoder> steps)
    {
        switch (part.Required("type").Text())
        {
            case "Sequence":
                foreach (var step in part.Required("decoders").Items())
                {
                    Read(step, steps);
                    Limits.Check(steps, part);
                }

                break;
            case "ByteLevel":
                steps.Add(ByteTexts.OfAlphabet);
                break;
            case "ByteFallback":
                steps.Add(ByteTexts.OfNamedBytes);
                break;
            case "Fuse":
                steps.Add(tokens => [string.Concat(tokens)]);
                break;
            case "Replace":
                var pattern = PatternSection.Read(part.Required("pattern"));
                var content = Limits.ReplacementOf(part.Required("content"));
                steps.Add(tokens => tokens.ConvertAll(token => Replacing.All(token, pattern, content)));
                break;
            case "Strip":
                steps.Add(ReadStrip(part));
                break;
            case "Metaspace":
                var settings = MetaspaceSettings.Read(part);
                steps.Add(tokens => [.. tokens.Select((token, index) => Unmarked(token, settings, isFirst: index == 0))]);
                break;
            case var other:
                throw part.Unsupported($"the decoder {other}");
        }
    }

    private static string Unmarked(string token, MetaspaceSettings settings, bool isFirst) =>
        isFirst && settings.Scheme != PrependScheme.Never
            ? token.Replace(settings.Mark.ToString(), "", StringComparison.Ordinal)
            : token.Replace(settings.Mark, ' ');

    private static Decoder ReadStrip(JsonPart part)
    {
        var content = part.Required("content");
        var mark = content.Text() is { Length: 1 } text && !char.IsSurrogate(text[0]) ? text[0] : throw content.Unexpected("one character");
        var (start, stop) = (part.Required("start").Id(), part.Required("stop").Id());
        return tokens => tokens.ConvertAll(token =>
        {
            var (from, to) = (0, token.Length);
            while (from < Math.Min(start, token.Length) && token[from] == mark)
            {
                from++;
            }

            while (to > from && token.Length - to < stop && token[to - 1] == mark)
            {
                to--;
            }

            return token[from..to];
        });
    }
}
