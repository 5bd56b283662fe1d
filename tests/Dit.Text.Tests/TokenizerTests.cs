using System.Text.Json.Nodes;
using CsCheck;
using Dit.Unicode;

namespace Dit.Text.Tests;

public sealed class TokenizerTests
{
    [Fact]
    public void Decoding_gives_back_the_normalized_text()
    {
        var tokenizer = TinyTokenizer.Load();
        Gen.OneOf(Gen.String, AnyText).Sample(text => tokenizer.Decode(tokenizer.Encode(text)) == FormC.Of(Whole(text)));
    }

    [Fact]
    public void Every_id_is_within_the_vocabulary()
    {
        var tokenizer = TinyTokenizer.Load();
        AnyText.Sample(text => tokenizer.Encode(text).All(id => id >= 0 && id < tokenizer.VocabularySize));
    }

    [Fact]
    public void The_answer_does_not_depend_on_what_was_encoded_before()
    {
        var warm = TinyTokenizer.Load();
        AnyText.Sample(text => warm.Encode(text).SequenceEqual(warm.Encode(text)), iter: 200);
        Assert.Equal(TinyTokenizer.Load().Encode("the bees count"), warm.Encode("the bees count"));
    }

    [Fact]
    public void Special_tokens_in_a_text_are_recognised_and_can_be_skipped()
    {
        var tokenizer = TinyTokenizer.Load();
        var ids = tokenizer.Encode("the<|im_end|>bees");

        Assert.Contains(tokenizer.TokenId("<|im_end|>")!.Value, ids);
        Assert.Equal("the<|im_end|>bees", tokenizer.Decode(ids));
        Assert.Equal("thebees", tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    [Theory]
    [InlineData("lstrip", "a  <x> b", "a<x> b")]
    [InlineData("rstrip", "a  <x> b", "a  <x>b")]
    public void Added_tokens_swallow_the_space_they_ask_for(string flag, string text, string decoded)
    {
        var tokenizer = TinyTokenizer.LoadChanged(file => Add(file, "<x>", flag));
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Theory]
    [InlineData("a bees! b", true)]
    [InlineData("bees", true)]
    [InlineData("honeybees", false)]
    [InlineData("bees2", false)]
    [InlineData("bees\u0301", false)]
    public void A_single_word_is_found_only_where_nothing_touches_it(string text, bool found)
    {
        var tokenizer = TinyTokenizer.LoadChanged(file => Add(file, "bees", "single_word"));
        Assert.Equal(found, tokenizer.Encode(text).Contains(tokenizer.TokenId("bees")!.Value));
    }

    [Fact]
    public void A_normalized_token_is_found_in_the_normalized_text()
    {
        var tokenizer = TinyTokenizer.LoadChanged(file => Add(file, "<\u00E9>", "normalized"));
        Assert.Equal(tokenizer.Encode("a<\u00E9>b"), tokenizer.Encode("a<e\u0301>b"));
        Assert.Contains(tokenizer.TokenId("<\u00E9>")!.Value, tokenizer.Encode("a<e\u0301>b"));
    }

    [Fact]
    public void Of_tokens_that_start_together_the_longest_wins()
    {
        var tokenizer = TinyTokenizer.LoadChanged(file =>
        {
            Add(file, "<x", "special");
            Add(file, "<x>y", "special");
            Add(file, "<x>", "special");
        });
        Assert.Equal([tokenizer.TokenId("<x>y")!.Value, tokenizer.TokenId("<x>")!.Value, tokenizer.TokenId("<x")!.Value], tokenizer.Encode("<x>y<x><x"));
    }

    [Fact]
    public void Both_notations_of_merges_are_read()
    {
        var old = TinyTokenizer.LoadChanged(file =>
        {
            var merges = file["model"]!["merges"]!.AsArray();
            file["model"]!["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create($"{m![0]} {m[1]}"))]);
        });
        Assert.Equal(TinyTokenizer.Load().Encode("the honey counts"), old.Encode("the honey counts"));
    }

    [Fact]
    public void A_whole_piece_is_its_token_where_merges_are_ignored()
    {
        void Change(JsonNode file, bool ignore)
        {
            file["model"]!["vocab"]!["zqzq"] = 5000;
            file["model"]!["ignore_merges"] = ignore;
        }

        Assert.Equal([5000], TinyTokenizer.LoadChanged(file => Change(file, true)).Encode("zqzq"));
        Assert.NotEqual([5000], TinyTokenizer.LoadChanged(file => Change(file, false)).Encode("zqzq"));
    }

    [Fact]
    public void The_post_processor_adds_its_tokens_only_when_asked()
    {
        var tokenizer = TinyTokenizer.LoadChanged(file => file["post_processor"] = JsonNode.Parse(
            """
            { "type": "Sequence", "processors": [ { "type": "TemplateProcessing",
              "single": [ { "SpecialToken": { "id": "b" } }, { "Sequence": { "id": "A" } }, { "SpecialToken": { "id": "e" } } ],
              "special_tokens": { "b": { "ids": [ 7 ] }, "e": { "ids": [ 8, 9 ] } } } ] }
            """));
        var plain = tokenizer.Encode("bees");
        Assert.Equal([7, .. plain, 8, 9], tokenizer.Encode("bees", addSpecialTokens: true));
    }

    [Fact]
    public void Ids_without_a_token_are_left_out()
    {
        var tokenizer = TinyTokenizer.Load();
        Assert.Equal("bees", tokenizer.Decode([-1, .. tokenizer.Encode("bees"), 1_000_000, int.MaxValue]));
    }

    [Fact]
    public void Encoding_a_long_run_of_one_character_takes_no_long_time()
    {
        var tokenizer = TinyTokenizer.Load();
        var text = new string('a', 300_000) + new string(' ', 300_000) + string.Concat(Enumerable.Repeat("\u0301", 100_000));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    private static readonly string[] s_telling =
        ["<|im_end|>", "<|im_start|>", " ", "\n", "\r\n", "'s", "12", "\u0301", "e", "\u00C5", "\u1100", "\u1161", "\u11A8", "the", "𝒜", "🐝"];

    private static Gen<string> AnyText { get; } = Gen.OneOf(
        Gen.Int[0, s_telling.Length - 1].Select(i => s_telling[i]),
        Gen.Int[0, 0x10FFFF].Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32)).Array[0, 20].Select(string.Concat);

    /// <summary>Without lone surrogates, which no UTF-8 can hold.</summary>
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());

    private static void Add(JsonNode file, string content, string flag)
    {
        var tokens = file["added_tokens"]!.AsArray();
        tokens.Add(new JsonObject { ["id"] = 1000 + tokens.Count, ["content"] = content, [flag] = true });
    }
}
