using Dit.Text;

namespace Dit.Server.Generation;

/// <summary>The text of tokens, piece by piece.</summary>
public sealed class TextPiecesTests(EngineWorld world) : IClassFixture<EngineWorld>
{
    [Theory]
    [InlineData("The sea is wide.")]
    [InlineData("naïve café, Ωμέγα, 日本語のテキスト, 👩‍👩‍👧‍👦 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿!")]
    [InlineData("  leading and trailing spaces  ")]
    [InlineData("a real \uFFFD in the middle and at the end \uFFFD")]
    public void Pieces_are_whole_characters_and_together_the_text(string text)
    {
        var ids = world.Model.Tokenizer.Tokenizer.Encode(text);
        var pieces = new TextPieces(world.Model.Tokenizer.Tokenizer);

        string[] given = [.. ids.Select(pieces.Add), pieces.Rest()];

        Assert.Equal(text, string.Concat(given));
        Assert.All(given.SkipLast(1), piece => Assert.False(piece.EndsWith('\uFFFD') || piece.Any(char.IsSurrogate) != piece.EnumerateRunes().Any(rune => rune.Value > char.MaxValue)));
        Assert.True(given.Count(piece => piece.Length > 0) > 1);
    }

    [Fact]
    public void Bytes_that_form_no_character_come_as_the_whole_text_has_them()
    {
        var tokenizer = world.Model.Tokenizer.Tokenizer;
        var whole = tokenizer.Encode("日本語");
        foreach (int[] ids in new[] { whole[..^1], whole[1..], [.. whole[..1], .. whole], [.. whole[..1], .. tokenizer.Encode(" word")] })
        {
            var pieces = new TextPieces(tokenizer);

            var given = string.Concat(ids.Select(pieces.Add)) + pieces.Rest();

            Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: true), given);
        }
    }

    [Fact]
    public void In_a_vocabulary_of_named_bytes_a_run_is_given_when_it_is_over()
    {
        using var folder = new TemporaryFolder();
        string[] tokens = ["<unk>", "▁the", "a", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        File.WriteAllText(folder.File("tokenizer.json"), $$"""
            {
              "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null,
              "decoder": { "type": "Sequence", "decoders": [
                { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" },
                { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
              "model": { "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true,
                "vocab": { {{string.Join(", ", tokens.Select((token, id) => $"\"{token}\": {id}"))}} }, "merges": [] }
            }
            """);
        var tokenizer = Tokenizer.Load(folder.File("tokenizer.json"));
        int Byte(int value) => value + 3;
        // A letter as a byte, half of a character behind it, and the same with the other half.
        int[][] texts = [[1, 2, Byte(0xE2), Byte(0x82), Byte(0xAC), 1, 2, 1, Byte(' '), 1, Byte(0xF0), 2, 1], [0, 1, 0, 1, 2], [1, Byte('A'), Byte(0xE2), Byte(0x82), 2], [1, Byte('A'), Byte(0xE2), Byte(0x82), Byte(0xAC), 2, 1], [1, Byte('A'), Byte(0xE2)], [1, 1, Byte('A')]];
        foreach (var ids in texts)
        {
            var pieces = new TextPieces(tokenizer);

            string[] given = [.. ids.Select(pieces.Add), pieces.Rest()];

            Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: true), string.Concat(given));
        }
    }
}
