using Dit.Json;
using Dit.Text.Tokenizers.Decoders;
using Dit.Text.Tokenizers.Model;
using Dit.Text.Tokenizers.Normalizers;
using Dit.Text.Tokenizers.PreTokenizers;

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
        var settings = BytePairSection.Read(file.Required("model"));
        var normalizers = NormalizerSection.Read(file.Optional("normalizer"));
        var preTokenizers = PreTokenizerSection.Read(file.Optional("pre_tokenizer"));
        if (normalizers.Exists(step => step.MayDropStart) && preTokenizers.Exists(step => step is Metaspace { NeedsStart: true }))
        {
            throw new DitException($"{path}: the prepend_scheme first behind a normalizer that may drop the start of a text is not supported");
        }

        var (prefix, suffix) = PostProcessorSection.Read(file.Optional("post_processor"));
        return new TokenizerParts(
            path,
            ReadAddedTokens(file, settings.Vocabulary),
            normalizers,
            preTokenizers,
            settings.Vocabulary,
            new BytePairModel(settings),
            prefix,
            suffix,
            DecoderSection.Read(file.Required("decoder")));
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
}
