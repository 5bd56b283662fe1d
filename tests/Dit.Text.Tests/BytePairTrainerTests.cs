using CsCheck;

namespace Dit.Text.Tests;

public sealed class BytePairTrainerTests
{
    private static readonly string[] s_texts = ["the bees and the honey", "the honey and the bees", "naïve Zoë counts 1736 bees 🐝", ""];

    [Fact]
    public void The_same_texts_in_any_order_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var first = Bytes(s_texts);
        Gen.Shuffle(s_texts).Sample(texts => Bytes(texts).SequenceEqual(first), iter: 20);

        byte[] Bytes(string[] texts)
        {
            var path = folder.File($"{Guid.NewGuid()}.json");
            BytePairTrainer.Train(texts, 300, TinyTokenizer.SpecialTokens, path);
            return File.ReadAllBytes(path);
        }
    }

    [Fact]
    public void Ids_are_bytes_then_merges_then_special_tokens()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        BytePairTrainer.Train(s_texts, 280, TinyTokenizer.SpecialTokens, path);
        var tokenizer = Tokenizer.Load(path);

        Assert.Equal(280, tokenizer.VocabularySize);
        Assert.Equal(0, tokenizer.TokenId("!"));
        Assert.Equal([277, 278, 279], TinyTokenizer.SpecialTokens.Select(t => tokenizer.TokenId(t)!.Value));
    }

    [Fact]
    public void The_most_frequent_pair_comes_first_and_the_smaller_ids_among_equals()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        BytePairTrainer.Train(["xyz xyz", "ab"], 260, [], path);
        var tokenizer = Tokenizer.Load(path);

        // xy and yz are seen twice, ab and Ġx once.
        Assert.Equal(256, tokenizer.TokenId("xy"));
        Assert.Equal(257, tokenizer.TokenId("xyz"));
        Assert.Equal(258, tokenizer.TokenId("ab"));
        Assert.Equal(259, tokenizer.TokenId("Ġxyz"));
    }

    [Fact]
    public void It_stops_where_nothing_is_left_to_learn()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        BytePairTrainer.Train(["ab"], 10_000, ["<e>"], path);
        Assert.Equal(258, Tokenizer.Load(path).VocabularySize);
    }

    [Fact]
    public void Special_tokens_and_digits_are_not_learned_from()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        BytePairTrainer.Train(Enumerable.Repeat("2024<|im_end|>", 50), 400, ["<|im_end|>"], path);
        Assert.Equal(257, Tokenizer.Load(path).VocabularySize);
    }

    [Theory]
    [InlineData(256, "<e>")]
    [InlineData(300, "<e>", "<e>")]
    [InlineData(300, "")]
    public void Impossible_requests_are_refused_and_nothing_is_written(int size, params string[] special)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        Assert.StartsWith(path, Assert.Throws<DitException>(() => BytePairTrainer.Train(["a"], size, special, path)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }
}
