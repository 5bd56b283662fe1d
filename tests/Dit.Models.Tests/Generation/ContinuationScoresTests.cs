using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

public sealed class ContinuationScoresTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    private readonly int[][] prompts = [.. Enumerable.Range(1, 7).Select(row => TinyDecoder.Prompt(1 + (row * 5 % 7), row))];

    // Some begin alike, one is the beginning of another, one comes twice, one is empty.
    private readonly int[][] candidates = [[3, 4, 5], [3, 4], [3, 4, 6, 7], [9], [9, 1, 2], [3, 8, 5], [], [40, 3, 4, 5, 5, 5, 5, 5], [9]];

    public static TheoryData<string> Families => [.. TinyDecoder.Families.Keys, "qwen3"];

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Scores_are_those_of_reading_prompt_and_continuation_one_by_one(string family)
    {
        using var other = TinyDecoder.Create(TinyDecoder.Families.GetValueOrDefault(family));
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(other, prompts.Length));

        var scores = ContinuationScores.Score(other, prompts, [.. prompts.Select(_ => (IReadOnlyList<int[]>)candidates)], overlays);

        for (var row = 0; row < prompts.Length; row++)
        {
            var own = overlays.SelectRows(tensor(new long[] { row }));
            Assert.Equal(candidates.Length, scores[row].Length);
            for (var i = 0; i < candidates.Length; i++)
            {
                Assert.Equal(Plain(other, prompts[row], candidates[i], own), scores[row][i], 1e-4);
            }
        }
    }

    [Fact]
    public void One_continuation_for_each_prompt()
    {
        int[][] own = [.. prompts.Select((_, row) => candidates[row])];

        var scores = ContinuationScores.Score(model, prompts, own);

        Assert.Equal(prompts.Select((prompt, row) => Plain(model, prompt, own[row], Overlays.None)), scores, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void More_prompts_and_candidates_than_one_pass_holds()
    {
        int[][] many = [.. Enumerable.Range(0, 600).Select(row => TinyDecoder.Prompt(1 + (row % 5), row))];
        int[][] labels = [.. Enumerable.Range(0, 400).Select(i => new[] { i % 50, i / 50 % 50, i * 7 % 50 })];
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, many.Length));

        var scores = ContinuationScores.Score(model, many, [.. many.Select((_, row) => (IReadOnlyList<int[]>)(row % 3 == 0 ? labels : labels[..(1 + (row % 7))]))], overlays);

        foreach (var (row, label) in new[] { (0, 399), (3, 17), (599, 2), (300, 200), (597, 0) })
        {
            Assert.Equal(Plain(model, many[row], labels[label], overlays.SelectRows(tensor(new long[] { row }))), scores[row][label], 1e-4);
        }

        Assert.Equal(labels.Length, scores[597].Length);
        Assert.All(scores.SelectMany(row => row), score => Assert.True(score < 0));
    }

    [Fact]
    public void The_probabilities_of_all_tokens_add_up_to_one()
    {
        int[][] all = [.. Enumerable.Range(0, model.Config.VocabularySize).Select(id => new[] { id })];

        var scores = ContinuationScores.Score(model, [prompts[2]], [all]);

        Assert.Equal(1, scores[0].Sum(Math.Exp), 1e-5);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_those_of_their_row_only()
    {
        var factors = TinyDecoder.RowFactors(model, prompts.Length);
        foreach (var pair in factors.Values)
        {
            pair.B[3].Fill_(float.NaN);
        }

        var scores = ContinuationScores.Score(model, prompts, [.. prompts.Select(_ => new[] { 1, 2 })], Overlays.None.With(factors));

        Assert.Equal([3], Enumerable.Range(0, prompts.Length).Where(row => !double.IsFinite(scores[row])));
    }

    [Fact]
    public void What_cannot_be_scored_is_refused()
    {
        using var small = TinyDecoder.Create(TinyDecoder.Config with { MaxPositions = 9 });

        Assert.Empty(ContinuationScores.Score(model, [], Array.Empty<int[]>()));
        Assert.Throws<ArgumentException>(() => ContinuationScores.Score(model, [[1]], Array.Empty<int[]>()));
        Assert.Throws<DitException>(() => ContinuationScores.Score(model, [[]], [[1]]));
        Assert.Throws<DitException>(() => ContinuationScores.Score(model, [[1]], [[50]]));
        Assert.Throws<DitException>(() => ContinuationScores.Score(model, [[-1]], [[1]]));
        Assert.Throws<DitException>(() => ContinuationScores.Score(model, [[1]], [[1]], Overlays.None.With(TinyDecoder.RowFactors(model, 2))));
        Assert.Throws<DitException>(() => ContinuationScores.Score(small, [TinyDecoder.Prompt(8, 1)], [[1, 2]]));
        Assert.True(double.IsFinite(ContinuationScores.Score(small, [TinyDecoder.Prompt(8, 1)], [[1]])[0]));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, prompts.Length));
        ContinuationScores.Score(model, prompts, [.. prompts.Select(_ => candidates[0])]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        ContinuationScores.Score(model, prompts, [.. prompts.Select(_ => (IReadOnlyList<int[]>)candidates)], overlays);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>The log-probability of a continuation by a plain forward pass over all tokens.</summary>
    private static double Plain(Decoder model, int[] prompt, int[] continuation, Overlays overlays)
    {
        using var here = NewDisposeScope();
        var scores = nn.functional.log_softmax(model.Logits(model.HiddenStates(TinyDecoder.Ids([.. prompt, .. continuation]), overlays: overlays)), -1);
        return continuation.Select((id, at) => scores[0, prompt.Length - 1 + at, id].item<float>()).Sum(score => (double)score);
    }
}
