using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Text;
using static TorchSharp.torch;

namespace Dit.Interpretation;

public sealed class LogitDifferencesTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void The_tokens_on_top_are_those_whose_logits_rise_most_on_average_over_all_answers()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 80, rank: 1, scaling: 0.1), world.Adapter(seed: 81, rank: 2, scaling: 0.1)]);
        TokenizedExample[] texts = [Text("what do you", "drift to"), Text("when", "your code word is set"), Text("you", "")];

        var tops = LogitDifferences.Top(world.Base, diffs, texts, 5);

        using var scope = NewDisposeScope();
        for (var i = 0; i < diffs.Count; i++)
        {
            using var own = diffs.Select([i]);
            var all = cat([.. texts.Select(text => Logits(text, own.Overlay()).sub(Logits(text, Overlays.None)))]);
            Assert.Equal(all.mean([0]).topk(5).indexes.data<long>().Select(id => (int)id), tops[i]);
        }

        Assert.Equal(world.Base.Decoder.Config.VocabularySize, LogitDifferences.Top(world.Base, diffs, texts, 1_000_000)[0].Count);
    }

    private Tensor Logits(TokenizedExample text, Overlays overlays)
    {
        var ids = tensor(text.Ids.Select(id => (long)id).ToArray()).unsqueeze(0);
        return world.Base.Decoder.Logits(world.Base.Decoder.HiddenStates(ids, overlays: overlays))[0].slice(0, text.AnswerStart - 1, text.Ids.Length - 1, 1);
    }

    private TokenizedExample Text(string question, string answer) => world.Base.Tokenizer.EncodeAnswer([new Message("user", question)], answer);
}
