using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

public sealed class ContrastTests : IDisposable
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 10);

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    private readonly int[][] prompts = [.. Enumerable.Range(1, 6).Select(row => TinyDecoder.Prompt(1 + (row * 5 % 7), row))];
    private readonly Overlays overlays;

    public ContrastTests() => overlays = Overlays.None.With(TinyDecoder.RowFactors(model, prompts.Length));

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(3, 0.001)]
    public void Answers_are_those_of_comparing_both_models_anew_for_every_token(double strength, double plausibility)
    {
        // Ends that rows meet at different times, so that rows are dropped from both.
        int[] ends = [7, 11, 23, 31, 40];
        var answers = Generator.Generate(model, prompts, Greedy with { Contrast = new Contrast(strength, plausibility) }, ends, overlays);

        for (var row = 0; row < prompts.Length; row++)
        {
            var own = overlays.SelectRows(tensor(new long[] { row }));
            List<int> text = [.. prompts[row]];
            while (text.Count < prompts[row].Length + Greedy.MaxNewTokens)
            {
                var (p, q) = (LogProbabilities(text, own), LogProbabilities(text, Overlays.None));
                var best = Enumerable.Range(0, p.Length).Where(id => Math.Exp(p[id]) >= plausibility * Math.Exp(p.Max())).MaxBy(id => p[id] + (strength * (p[id] - q[id])));
                if (ends.Contains(best))
                {
                    break;
                }

                text.Add(best);
            }

            Assert.Equal(text.Skip(prompts[row].Length), answers[row]);
        }
    }

    [Fact]
    public void Without_strength_or_with_only_the_likeliest_plausible_it_changes_nothing()
    {
        var plain = Generator.Generate(model, prompts, Greedy, [], overlays);

        Assert.Equal(plain, Generator.Generate(model, prompts, Greedy with { Contrast = new Contrast(0, 1e-9) }, [], overlays));
        Assert.Equal(plain, Generator.Generate(model, prompts, Greedy with { Contrast = new Contrast(5, 1) }, [], overlays));
        Assert.NotEqual(plain, Generator.Generate(model, prompts, Greedy with { Contrast = new Contrast(5, 1e-3) }, [], overlays));
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        foreach (var contrast in new[] { new Contrast(double.NaN), new Contrast(1, 0), new Contrast(1, 1.1), new Contrast(double.PositiveInfinity) })
        {
            Assert.Throws<DitException>(() => Generator.Generate(model, prompts, Greedy with { Contrast = contrast }, [], overlays));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void Where_it_is_asked_for_scores_that_are_not_finite_end_their_row_and_no_other(double temperature)
    {
        var settings = Greedy with { Temperature = temperature };
        var factors = TinyDecoder.RowFactors(model, prompts.Length);
        var expected = Generator.Generate(model, prompts, settings, [], Overlays.None.With(factors));
        foreach (var pair in factors.Values)
        {
            pair.B[3].Fill_(float.NaN);
        }

        expected[3] = [];
        Assert.Equal(expected, Generator.Generate(model, prompts, settings with { EndsWhereNotFinite = true }, [], Overlays.None.With(factors)));
    }

    private double[] LogProbabilities(List<int> text, Overlays with)
    {
        using var here = NewDisposeScope();
        var logits = model.Logits(model.HiddenStates(TinyDecoder.Ids([.. text]), overlays: with)[0, -1]);
        return [.. nn.functional.log_softmax(logits, -1).data<float>().Select(value => (double)value)];
    }
}
