using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dit.Text.Tests;

/// <summary>
/// The forms of tokenizer.json that published decoders have, and odd corners of them: golden tokenizers with other parts put in.
/// The expected values in forms.jsonl are what Hugging Face's own library (tokenizers 0.23.2) gives.
/// </summary>
public sealed class TokenizerFormTests
{
    private static readonly Dictionary<string, JsonElement> s_forms = Lines("forms.jsonl").ToDictionary(form => form.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. s_forms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_form_gives_the_ids_and_texts_of_Hugging_Face(string name)
    {
        var form = s_forms[name];
        var tokenizer = Load(form);
        foreach (var expected in form.GetProperty("cases").EnumerateArray())
        {
            var text = expected.GetProperty("text").GetString()!;
            Assert.Equal(Ids(expected, "ids"), tokenizer.Encode(text));
            Assert.Equal(Ids(expected, "special"), tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(expected.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(expected, "ids")));
            Assert.Equal(expected.GetProperty("skipped").GetString(), tokenizer.Decode(Ids(expected, "special"), skipSpecialTokens: true));
            Assert.Equal(expected.GetProperty("anyDecoded").GetString(), tokenizer.Decode(Ids(expected, "any")));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_are_the_same_the_second_time_and_in_longer_texts(string name)
    {
        var form = s_forms[name];
        var tokenizer = Load(form);
        var texts = form.GetProperty("cases").EnumerateArray().Select(expected => expected.GetProperty("text").GetString()!).ToArray();
        var first = texts.Select(text => tokenizer.Encode(text)).ToArray();
        tokenizer.Encode(string.Concat(Enumerable.Repeat(string.Concat(texts), 40)));
        Assert.Equal(first, texts.Select(text => tokenizer.Encode(text)));
    }

    /// <summary>What a text goes on with is not encoded as a beginning: no space of Llama 2's in front.</summary>
    [Theory]
    [InlineData("spaces-replaceprepend")]
    [InlineData("spaces-meta-always-false")]
    [InlineData("spaces-meta-always-true")]
    [InlineData("spaces-meta-first-true")]
    [InlineData("spaces-meta-never-true")]
    [InlineData("byte-level-gpt2prefix")]
    [InlineData("byte-level-gpt2")]
    public void A_continuation_gives_the_ids_it_has_within_the_whole_text(string name)
    {
        var tokenizer = Load(s_forms[name]);
        foreach (var (start, rest) in new[] { ("the bees", " count"), ("the bees", " 12 pots<s> of"), ("bees\n", "honey"), ("the", "") })
        {
            int[] joined = [.. tokenizer.Encode(start), .. tokenizer.EncodeContinuation(rest)];
            Assert.Equal(tokenizer.Encode(start + rest), joined);
        }
    }

    [Fact]
    public void A_long_text_without_any_place_to_cut_takes_no_long_time()
    {
        var tokenizer = Load(s_forms["spaces-replaceprepend"]);
        var random = new Random(1);
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(_ => "etaoinshr"[random.Next(9)])) + new string(' ', 100_000) + "x";
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    private static Tokenizer Load(JsonElement form)
    {
        var file = JsonNode.Parse(Resource(form.GetProperty("base").GetString() + ".json"))!;
        foreach (var change in form.GetProperty("change").EnumerateObject())
        {
            var names = change.Name.Split('.');
            var parent = names.Length == 1 ? file : file[names[0]]!;
            parent[names[^1]] = change.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(change.Value.GetRawText());
        }

        foreach (var token in List(form, "without"))
        {
            file["model"]!["vocab"]!.AsObject().Remove(token.GetString()!);
        }

        foreach (var merge in List(form, "more"))
        {
            file["model"]!["merges"]!.AsArray().Add(JsonNode.Parse(merge.GetRawText()));
        }

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), file.ToJsonString());
        return Tokenizer.Load(folder.File("tokenizer.json"));
    }

    private static IEnumerable<JsonElement> List(JsonElement form, string name) =>
        form.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    private static int[] Ids(JsonElement part, string name) => [.. part.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private static IEnumerable<JsonElement> Lines(string name) =>
        Resource(name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(TokenizerFormTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
