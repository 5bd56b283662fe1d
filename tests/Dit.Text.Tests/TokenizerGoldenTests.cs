using System.Text.Json;

namespace Dit.Text.Tests;

/// <summary>Every golden tokenizer gives exactly the ids and texts of Hugging Face's library.</summary>
public sealed class TokenizerGoldenTests
{
    public static TheoryData<string> Folders => [.. GoldenFolder.Cases("tokenizers")];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Ids_and_texts_are_those_of_Hugging_Face(string folder)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        foreach (var row in Rows(Path.Combine(folder, "expected.jsonl")))
        {
            var text = row.GetProperty("text").GetString()!;
            var ids = Ids(row, "ids");
            var withSpecial = Ids(row, "ids_with_special");

            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(withSpecial, tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(row.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
            Assert.Equal(row.GetProperty("decoded_skip_special").GetString(), tokenizer.Decode(withSpecial, skipSpecialTokens: true));
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Rendered_conversations_give_the_same_ids(string folder)
    {
        var published = GoldenFolder.WithPublishedTemplates("tokenizers");
        var path = Path.Combine(published ?? folder, Path.GetFileName(folder), "chat.jsonl");
        Assert.SkipUnless(File.Exists(path), "conversations of published templates are not here");
        var tokenizer = Tokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        foreach (var row in Rows(path).Where(row => row.TryGetProperty("ids", out _)))
        {
            Assert.Equal(Ids(row, "ids"), tokenizer.Encode(row.GetProperty("text").GetString()!));
        }
    }

    private static IEnumerable<JsonElement> Rows(string path) =>
        File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement);

    private static int[] Ids(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
