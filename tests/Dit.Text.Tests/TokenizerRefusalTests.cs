using System.Text.Json.Nodes;
using CsCheck;

namespace Dit.Text.Tests;

/// <summary>Whatever is wrong with a tokenizer.json ends in one sentence that names the file and the thing.</summary>
public sealed class TokenizerRefusalTests
{
    public static TheoryData<string, string, string> Changes => new()
    {
        { "model.type", "\"Unigram\"", "Unigram" },
        { "model.byte_fallback", "\"yes\"", "model.byte_fallback" },
        { "model.unk_token", "7", "model.unk_token" },
        { "model.continuing_subword_prefix", "\"##\"", "continuing_subword_prefix" },
        { "model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix" },
        { "model.dropout", "0.1", "dropout" },
        { "model.vocab", "[]", "model.vocab" },
        { "model.vocab", "{ \"a\": -1 }", "-1" },
        { "model.vocab", "{ \"a\": 99999999999999999999 }", "model.vocab.a" },
        { "model.vocab", "{ \"a\": 1, \"b\": 1 }", "'b'" },
        { "model.vocab", "null", "model.vocab" },
        { "model.merges", "[ \"a b c\" ]", "model.merges[0]" },
        { "model.merges", "[ [ \"a\", \"no such\" ] ]", "no such" },
        { "model.merges", "[ 3 ]", "model.merges[0]" },
        { "normalizer", "{ \"type\": \"NFKC\" }", "NFKC" },
        { "normalizer", "{ \"type\": \"StripAccents\" }", "StripAccents" },
        { "normalizer", "{ \"type\": \"Strip\", \"strip_left\": true }", "normalizer.strip_right" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"String\": \"\" }, \"content\": \"x\" }", "an empty pattern" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"Other\": \"x\" }, \"content\": \"x\" }", "a String or a Regex" },
        { "normalizer", "{ \"type\": \"Sequence\", \"normalizers\": [ { \"type\": \"Precompiled\" } ] }", "Precompiled" },
        { "normalizer", "7", "normalizer" },
        { "pre_tokenizer", "{ \"type\": \"UnicodeScripts\" }", "UnicodeScripts" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\" }", "pre_tokenizer.replacement" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"ab\" }", "one character" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"odd\" }", "odd" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"first\", \"add_prefix_space\": false }", "add_prefix_space" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Odd\", \"pattern\": { \"String\": \" \" } }", "Odd" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"String\": 3 } }", "pre_tokenizer.pattern.String" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"Regex\": \"[[:alpha:]]+\" } }", "'[:al" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"Regex\": \"\\\\w+\" } }", "\\w+" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"Regex\": \"(a\" } }", "regular expression" },
        { "pre_tokenizer", "{ \"type\": \"Sequence\", \"pretokenizers\": [" + string.Join(",", Enumerable.Repeat("{ \"type\": \"Digits\" }", 65)) + "] }", "64 steps" },
        { "pre_tokenizer", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"Regex\": \"" + new string('a', 10_001) + "\" } }", "10001 characters" },
        { "normalizer", "{ \"type\": \"Prepend\", \"prepend\": \"" + new string('a', 33) + "\" }", "32 characters" },
        { "normalizer", "{ \"type\": \"Strip\", \"strip_left\": true, \"strip_right\": 1 }", "normalizer.strip_right" },
        { "post_processor", "{ \"type\": \"TemplateProcessing\", \"single\": [ { \"Sequence\": { \"id\": \"A\" } }, { \"Sequence\": { \"id\": \"A\" } } ] }", "once" },
        { "post_processor", "{ \"type\": \"RobertaProcessing\" }", "RobertaProcessing" },
        { "post_processor", "{ \"type\": \"TemplateProcessing\", \"single\": [] }", "Sequence A" },
        { "decoder", "{ \"type\": \"WordPiece\" }", "WordPiece" },
        { "decoder", "{ \"type\": \"Metaspace\" }", "decoder.replacement" },
        { "decoder", "{ \"type\": \"Sequence\", \"decoders\": [ { \"type\": \"CTC\" } ] }", "CTC" },
        { "decoder", "{ \"type\": \"Strip\", \"content\": \" \", \"start\": -1, \"stop\": 0 }", "decoder.start" },
        { "decoder", "null", "decoder" },
        { "added_tokens", "[ { \"id\": 0, \"content\": \"new\" } ]", "new" },
        { "added_tokens", "[ { \"id\": \"x\", \"content\": \"new\" } ]", "added_tokens[0].id" },
        { "added_tokens", "{}", "added_tokens" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_is_not_supported_or_damaged_is_named(string place, string json, string named)
    {
        var error = Assert.Throws<DitException>(() => TinyTokenizer.LoadChanged(file =>
        {
            var names = place.Split('.');
            var parent = names.Length == 1 ? file : file[names[0]]!;
            parent[names[^1]] = JsonNode.Parse(json);
        }));
        Assert.Contains("tokenizer.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{ \"model\": { \"vocab\": { \"\\ud800\": 1 } } }")]
    [InlineData("{ \"model\": { \"vocab\": {}, \"merges\": [ \"\\udc00\" ] } }")]
    public void A_file_that_is_something_else_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        File.WriteAllText(path, content);
        Assert.StartsWith(path, Assert.Throws<DitException>(() => Tokenizer.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.StartsWith("no/such/file.json: ", Assert.Throws<DitException>(() => Tokenizer.Load("no/such/file.json")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_and_damaged_files_end_in_a_DitException_or_load()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(TinyTokenizer.Write(folder.File("tokenizer.json"), 270));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Bool).Sample(
            (at, value, cut) =>
            {
                var damaged = cut ? whole[..at] : [.. whole[..at], value, .. whole[(at + 1)..]];
                var path = folder.File($"{Guid.NewGuid()}.json");
                File.WriteAllBytes(path, damaged);
                try
                {
                    Tokenizer.Load(path).Encode("the bees");
                }
                catch (DitException e)
                {
                    Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                }
            },
            iter: 300);
    }

    [Fact]
    public void A_text_that_grows_without_end_is_given_up()
    {
        var tokenizer = TinyTokenizer.LoadChanged(file => file["normalizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray([.. Enumerable.Repeat(0, 40).Select(_ => JsonNode.Parse("{ \"type\": \"Replace\", \"pattern\": { \"String\": \"a\" }, \"content\": \"aaaa\" }"))]),
        });
        Assert.Contains("grown", Assert.Throws<DitException>(() => tokenizer.Encode("bananas")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_tokens_that_read_the_same_once_normalized_are_refused()
    {
        var error = Assert.Throws<DitException>(() => TinyTokenizer.LoadChanged(file =>
        {
            var tokens = file["added_tokens"]!.AsArray();
            tokens.Add(JsonNode.Parse("{ \"id\": 901, \"content\": \"<\u00E9>\", \"normalized\": true }"));
            tokens.Add(JsonNode.Parse("{ \"id\": 902, \"content\": \"<e\u0301>\", \"normalized\": true }"));
        }));
        Assert.Contains("differ once they are normalized", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_never_ends_is_given_up()
    {
        var tokenizer = TinyTokenizer.LoadChanged(file =>
            file["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "(a|aa|a)+(?=b)");
        Assert.Throws<DitException>(() => tokenizer.Encode(new string('a', 60)));
    }
}
