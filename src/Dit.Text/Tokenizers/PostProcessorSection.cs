using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>The post-processor of a tokenizer.json: the ids that special tokens put around one text.</summary>
internal static class PostProcessorSection
{
    public static (List<int> Prefix, List<int> Suffix) Read(JsonPart? part)
    {
        List<int> prefix = [], suffix = [];
        if (part is { } processor)
        {
            Read(processor, prefix, suffix);
        }

        return (prefix, suffix);
    }

    private static void Read(JsonPart processor, List<int> prefix, List<int> suffix)
    {
        switch (processor.Required("type").Text())
        {
            case "ByteLevel":
                // It only moves offsets, which nobody asks for here.
                break;
            case "Sequence":
                foreach (var step in processor.Required("processors").Items())
                {
                    Read(step, prefix, suffix);
                }

                break;
            case "TemplateProcessing" when prefix.Count + suffix.Count > 0:
                throw processor.Unsupported("a second TemplateProcessing");
            case "TemplateProcessing":
                var (before, after) = ReadTemplate(processor);
                prefix.AddRange(before);
                suffix.AddRange(after);
                break;
            case var other:
                throw processor.Unsupported($"the post-processor {other}");
        }
    }

    private static (List<int> Before, List<int> After) ReadTemplate(JsonPart processor)
    {
        List<int> before = [], after = [];
        var seen = false;
        var single = processor.Required("single");
        foreach (var item in single.Items())
        {
            if (item.Optional("SpecialToken") is { } token)
            {
                var ids = processor.Required("special_tokens").Required(token.Required("id").Text()).Required("ids");
                (seen ? after : before).AddRange(ids.Items().Select(id => id.Id()));
            }
            else if (seen || item.Optional("Sequence")?.Required("id").Text() != "A")
            {
                throw item.Unexpected("a SpecialToken or, once, the Sequence A");
            }
            else
            {
                seen = true;
            }
        }

        return seen ? (before, after) : throw single.Unexpected("a place for the Sequence A");
    }
}
