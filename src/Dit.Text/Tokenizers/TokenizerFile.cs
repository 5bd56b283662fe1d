using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>
/// Reads a tokenizer.json. What is not supported is refused by name: a tokenizer that does almost the same gives tokens the
/// model has never seen. (truncation and padding are passed over, as transformers sets both anew for every call.)
/// </summary>
internal static class TokenizerFile
{
    public static TokenizerParts Read(string path)
    {
        var file = JsonPart.Load(path);
        var (vocabulary, model) = BytePairSection.Read(file.Required("model"));
        var preTokenizers = new List<IPreTokenizer>();
        var spelling = file.Optional("pre_tokenizer") is { } pre ? PreTokenizerSection.Read(pre, preTokenizers) : null;
        var (prefix, suffix) = PostProcessorSection.Read(file.Optional("post_processor"));
        return new TokenizerParts(
            ReadAddedTokens(file, vocabulary),
            ReadNormalizers(file.Optional("normalizer")),
            preTokenizers,
            spelling ?? throw new DitException($"{path}: a tokenizer without the pre-tokenizer ByteLevel is not supported"),
            vocabulary,
            model,
            prefix,
            suffix,
            ReadDecoder(file.Required("decoder")));
    }

    private static List<AddedToken> ReadAddedTokens(JsonPart file, Dictionary<string, int> vocabulary)
    {
        var tokens = new List<AddedToken>();
        var byId = vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);
        foreach (var part in file.Optional("added_tokens")?.Items() ?? [])
        {
            var id = part.Required("id").Id();
            var content = part.Required("content").Text();
            if (vocabulary.TryGetValue(content, out var known) ? known != id : !byId.TryAdd(id, content))
            {
                throw new DitException($"{part.File}: expected an id of its own for the added token {content}, found {id}, which is taken");
            }

            tokens.Add(new AddedToken(
                id, content, part.Flag("single_word"), part.Flag("lstrip"), part.Flag("rstrip"), part.Flag("normalized"), part.Flag("special")));
        }

        return tokens;
    }

    private static List<INormalizer> ReadNormalizers(JsonPart? part) => part is not { } normalizer
        ? []
        : normalizer.Required("type").Text() switch
        {
            "NFC" => [new FormCNormalizer()],
            "Sequence" => [.. normalizer.Required("normalizers").Items().SelectMany(p => ReadNormalizers(p))],
            var other => throw normalizer.Unsupported($"the normalizer {other}"),
        };

    private static ByteLevel ReadDecoder(JsonPart decoder) => decoder.Required("type").Text() switch
    {
        "ByteLevel" => new ByteLevel(),
        var other => throw decoder.Unsupported($"the decoder {other}"),
    };
}
