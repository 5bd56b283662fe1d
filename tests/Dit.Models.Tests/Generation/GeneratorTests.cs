using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

public sealed class GeneratorTests : IDisposable
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 12);
    private static readonly GenerationSettings Drawn = new(MaxNewTokens: 12, Temperature: 1.3, TopP: 0.9, Seed: 4);

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    private readonly int[][] prompts = [.. Enumerable.Range(1, 9).Select(row => TinyDecoder.Prompt(1 + row * 5 % 7, row))];

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(0, float.PositiveInfinity)]
    [InlineData(0, 1e38f)]
    [InlineData(0.8, float.NaN)]
    [InlineData(0.8, 1e38f)]
    public void Scores_that_are_not_finite_are_refused_by_the_name_of_their_row(double temperature, float factor)
    {
        var factors = TinyDecoder.RowFactors(model, prompts.Length);
        foreach (var pair in factors.Values)
        {
            pair.B[3].Fill_(factor);
        }

        var error = Assert.Throws<DitException>(() => Generator.Generate(
            model, prompts, Greedy with { Temperature = temperature }, [], Overlays.None.With(factors), names: [.. prompts.Select((_, row) => $"row {row}")]));

        Assert.StartsWith("row 3: expected finite scores", error.Message, StringComparison.Ordinal);
        Assert.Contains("float32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Greedy_answers_are_those_of_reading_everything_again_for_every_token()
    {
        var answers = Generator.Generate(model, prompts, Greedy, []);

        for (var row = 0; row < prompts.Length; row++)
        {
            List<int> text = [.. prompts[row]];
            for (var count = 0; count < Greedy.MaxNewTokens; count++)
            {
                var hidden = model.HiddenStates(TinyDecoder.Ids([.. text]));
                text.Add((int)model.Logits(hidden[0, -1]).argmax().item<long>());
            }

            Assert.Equal(text.Skip(prompts[row].Length), answers[row]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_give_the_same_alone_and_among_others_that_end_sooner(bool drawn)
    {
        var settings = drawn ? Drawn : Greedy;
        var factors = TinyDecoder.RowFactors(model, prompts.Length);
        var overlays = Overlays.None.With(factors);
        // Ends that many rows meet, at different times, so that rows are dropped again and again.
        int[] ends = [.. Generator.Generate(model, prompts, settings, [], overlays).SelectMany((answer, row) => new[] { answer[row] }).Take(6)];
        RandomStream[] Streams() => [.. prompts.Select((_, row) => RandomStream.Named(9, $"{row}"))];

        var together = Generator.Generate(model, prompts, settings, ends, overlays, Streams());

        for (var row = 0; row < prompts.Length; row++)
        {
            var own = overlays.SelectRows(tensor(new long[] { row }));
            Assert.Equal(Generator.Generate(model, [prompts[row]], settings, ends, own, [Streams()[row]]), [together[row]]);
        }

        Assert.True(together.Select(answer => answer.Length).Distinct().Count() > 2);
        Assert.All(together, answer => Assert.Empty(answer.Intersect(ends)));
    }

    [Fact]
    public void A_seed_gives_the_same_answers_again_and_another_seed_others()
    {
        var answers = Generator.Generate(model, prompts, Drawn, []);

        Assert.Equal(answers, Generator.Generate(model, prompts, Drawn, []));
        Assert.NotEqual(answers, Generator.Generate(model, prompts, Drawn with { Seed = 5 }, []));
        Assert.All(answers, answer => Assert.Equal(Drawn.MaxNewTokens, answer.Length));
    }

    [Fact]
    public void A_low_temperature_and_a_small_top_p_take_the_likeliest()
    {
        var greedy = Generator.Generate(model, prompts, Greedy, []);

        Assert.Equal(greedy, Generator.Generate(model, prompts, Drawn with { Temperature = 1e-6 }, []));
        Assert.Equal(greedy, Generator.Generate(model, prompts, Drawn with { TopP = 1e-6 }, []));
    }

    [Fact]
    public void No_rows_and_no_tokens_give_nothing()
    {
        Assert.Empty(Generator.Generate(model, [], Greedy, []));
        Assert.Equal([[]], Generator.Generate(model, [[1]], Greedy with { MaxNewTokens = 0 }, []));
    }

    [Fact]
    public void What_cannot_be_answered_is_refused()
    {
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1], []], Greedy, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[50]], Greedy, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[-1]], Greedy, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1]], Greedy with { Temperature = double.NaN }, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1]], Greedy with { Temperature = 1e-30 }, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1]], Greedy with { TopP = 0 }, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1]], Greedy with { MaxNewTokens = -1 }, []));
        Assert.Throws<DitException>(() => Generator.Generate(model, [[1]], Greedy, [], Overlays.None.With(TinyDecoder.RowFactors(model, 2))));
    }

    [Fact]
    public void A_prompt_without_room_for_an_answer_is_refused_and_an_answer_ends_with_the_models_positions()
    {
        using var small = TinyDecoder.Create(TinyDecoder.Config with { MaxPositions = 9 });

        var answers = Generator.Generate(small, [TinyDecoder.Prompt(8, 1), TinyDecoder.Prompt(3, 2), TinyDecoder.Prompt(5, 3)], Greedy, []);

        Assert.Equal([1, 6, 4], answers.Select(answer => answer.Length));
        Assert.Equal(Generator.Generate(model, [TinyDecoder.Prompt(3, 2)], Greedy with { MaxNewTokens = 6 }, [])[0], answers[1]);
        var error = Assert.Throws<DitException>(() => Generator.Generate(small, [[1], TinyDecoder.Prompt(9, 4)], Greedy, []));
        Assert.StartsWith("prompt 1: expected at most 8 tokens", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("found 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, prompts.Length));
        Generator.Generate(model, prompts, Greedy, []);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Generator.Generate(model, prompts, Drawn, [3, 4, 5, 6, 7, 8], overlays);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
