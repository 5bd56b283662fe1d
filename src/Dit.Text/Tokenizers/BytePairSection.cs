using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>The model of a tokenizer.json: vocabulary and merges.</summary>
internal static class BytePairSection
{
    public static (Dictionary<string, int> Vocabulary, BytePairModel Model) Read(JsonPart model)
    {
        // Older files leave the type out.
        var type = model.Optional("type")?.Text() ?? "BPE";
        if (type != "BPE")
        {
            throw model.Unsupported($"the model {type}");
        }

        RefuseWhatIsNotByteLevel(model);
        var vocabulary = ReadVocabulary(model.Required("vocab"));
        return (vocabulary, new BytePairModel(vocabulary, ReadMerges(model.Required("merges"), vocabulary), model.Flag("ignore_merges")));
    }

    private static void RefuseWhatIsNotByteLevel(JsonPart model)
    {
        foreach (var name in (string[])["byte_fallback", "fuse_unk"])
        {
            if (model.Flag(name))
            {
                throw model.Unsupported($"the setting {name}");
            }
        }

        foreach (var name in (string[])["unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
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

    private static Dictionary<string, int> ReadVocabulary(JsonPart part)
    {
        var vocabulary = new Dictionary<string, int>();
        var ids = new HashSet<int>();
        foreach (var (token, id) in part.Members())
        {
            var value = id.Id();
            if (!vocabulary.TryAdd(token, value) || !ids.Add(value))
            {
                throw new DitException($"{part.File}: expected every token and every id once in {part.Where}, found '{token}' with {value} again");
            }
        }

        return vocabulary;
    }

    private static IEnumerable<(int Left, int Right, int Id)> ReadMerges(JsonPart part, Dictionary<string, int> vocabulary)
    {
        foreach (var merge in part.Items())
        {
            // "a b" in older files, ["a", "b"] in newer ones, where a part may hold a space.
            string[] sides = merge.Element.ValueKind == System.Text.Json.JsonValueKind.String
                ? merge.Text().Split(' ')
                : [.. merge.Items().Select(side => side.Text())];
            if (sides.Length != 2)
            {
                throw merge.Unexpected("a merge of two tokens");
            }

            yield return (IdOf(sides[0]), IdOf(sides[1]), IdOf(sides[0] + sides[1]));

            int IdOf(string token) => vocabulary.TryGetValue(token, out var id)
                ? id
                : throw new DitException($"{part.File}: expected the vocabulary to hold '{token}' of {merge.Where}, found no such token");
        }
    }
}
