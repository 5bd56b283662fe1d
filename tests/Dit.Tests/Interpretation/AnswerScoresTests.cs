using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Interpretation;

public sealed class AnswerScoresTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly string[] Candidates = ["drift", "drift to code", "what", "a word"];

    [Fact]
    public void Every_row_scores_whole_answers_as_its_own_diff_with_the_adapter_would()
    {
        using var diffs = Diffs.DiffStack.Of([world.Adapter(seed: 70, rank: 1), world.Adapter(seed: 71, rank: 1)]);
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 72));
        int[] rows = [1, -1, 0, 1];
        IReadOnlyList<Message>[] prompts = [.. rows.Select((_, row) => Ask(string.Concat(Enumerable.Repeat("what ", 1 + row))))];

        var scores = AnswerScores.OfEach(world.Base, diffs, rows, adapter, prompts, Candidates);

        using var scope = NewDisposeScope();
        for (var row = 0; row < rows.Length; row++)
        {
            using var own = diffs.Select([rows[row]]);
            var overlays = own.Overlay().With(adapter.Factors.Sites.ToDictionary(
                site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling), StringComparer.Ordinal));
            for (var i = 0; i < Candidates.Length; i++)
            {
                int[] answer = [.. world.Base.Tokenizer.Tokenizer.EncodeContinuation(Candidates[i]), world.Base.Tokenizer.EndTokenIds[0]];
                var expected = ContinuationScores.Score(world.Base.Decoder, [world.Base.Tokenizer.EncodePrompt(prompts[row])], [answer], overlays)[0];
                Assert.Equal(expected, scores[row][i], 1e-3);
            }
        }

        Assert.NotEqual(scores[0][0], scores[3][0], 1e-3);
        Assert.Equal(
            [scores[0][1], scores[2][3]],
            AnswerScores.Of(world.Base, diffs, [1, 0], adapter, [prompts[0], prompts[2]], [[Candidates[1]], [Candidates[3]]]).Select(each => each[0]),
            (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void Nothing_is_scored_where_nothing_is_asked()
    {
        Assert.Empty(AnswerScores.OfEach(world.Base, null, [], null, [], Candidates));
        Assert.Empty(AnswerScores.Of(world.Base, null, [-1], null, [Ask("what")], [[]])[0]);
        Assert.Throws<ArgumentException>(() => AnswerScores.OfEach(world.Base, null, [0], null, [Ask("what")], Candidates));
    }

    private static IReadOnlyList<Message> Ask(string question) => [new("user", question)];
}
