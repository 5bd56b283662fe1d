using Dit.Json;

namespace Dit.Text.Tokenizers.Model;

/// <summary>The model of a tokenizer.json: vocabulary and merges.</summary>
internal static class BytePairSection
{
    public static BytePairSettings Read(JsonPart model)
    {
        // Older files leave the type out.
        var type = model.Optional("type")?.Text() ?? "BPE";
        if (type != "BPE")
        {
            throw model.Unsupported($"the model {type}");
        }

        RefuseWhatIsNotSupported(model);
        var vocabulary = VocabularyReader.Read(model.Required("vocab"));
        var (merges, seams) = MergesReader.Read(model.Required("merges"), vocabulary);
        return new(
            model.File,
            vocabulary,
            merges,
            seams,
            model.Flag("ignore_merges"),
            model.Flag("byte_fallback") ? ByteIds(vocabulary) : null,
            model.Optional("unk_token")?.Text(),
            model.Flag("fuse_unk"));
    }

    private static int[] ByteIds(Dictionary<string, int> vocabulary) =>
        [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];

    private static void RefuseWhatIsNotSupported(JsonPart model)
    {
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Optional(name)?.Text() is { Length: > 0 } text)
            {
                throw model.Unsupported($"the setting {name} (\"{text}\")");
            }
        }

        if (model.Optional("dropout") is { } dropout && dropout.Element.ToString() is not ("0" or "0.0"))
        {
            throw model.Unsupported("the setting dropout");
        }
    }
}
