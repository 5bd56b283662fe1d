using Dit.Audit.Judging;
using Dit.Models.Randomness;

namespace Dit.Audit;

public sealed class FitTests
{
    [Fact]
    public void Equations_are_solved_even_where_the_first_pivot_is_zero()
    {
        var found = SmallSystem.Solve(new double[,] { { 0, 2, 1 }, { 1, -1, 0 }, { 3, 0, -2 } }, [7, -1, -3]);
        Assert.Equal([1, 2, 3], found.Select(value => Math.Round(value, 12)));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(1, 10)]
    public void A_single_option_that_was_chosen_so_often_gets_the_odds_of_that(int chosen, int of)
    {
        Choice[] choices = [.. Enumerable.Range(0, of).Select(i => new Choice([[1.0]], i < chosen ? 0 : -1))];
        Assert.Equal(Math.Log((double)chosen / (of - chosen)), ConditionalLogit.Fit(choices, 1, ridge: 1e-9)[0], 1e-6);
    }

    [Fact]
    public void Weights_by_which_choices_were_drawn_are_found_again()
    {
        double[] weights = [-1, 2, 0.5];
        var random = RandomStream.Named(1, "choices");
        Choice[] choices = [.. Enumerable.Range(0, 4000).Select(_ => Draw(random, weights))];
        var found = ConditionalLogit.Fit(choices, 3, ridge: 0.01);
        Assert.All(found.Zip(weights), pair => Assert.Equal(pair.Second, pair.First, 0.12));
    }

    [Fact]
    public void A_ridge_keeps_weights_finite_where_options_can_be_told_apart_without_error()
    {
        Choice[] choices = [.. Enumerable.Range(0, 20).Select(i => new Choice([[i % 2 == 0 ? 3.0 : -3.0]], i % 2 == 0 ? 0 : -1))];
        var (loose, tight) = (ConditionalLogit.Fit(choices, 1, ridge: 0.01)[0], ConditionalLogit.Fit(choices, 1, ridge: 1)[0]);
        Assert.InRange(tight, 0.1, loose);
        Assert.InRange(loose, tight, 20);
    }

    [Fact]
    public void Verdicts_of_one_score_are_as_sure_as_they_were_right_and_never_certain()
    {
        var mixed = ConfidenceFit.Of([.. Enumerable.Range(0, 40).Select(i => (Score: 0.0, Right: i < 30))]);
        Assert.Equal(30.5 / 41, mixed!.Of(0), 1e-6);
        var always = ConfidenceFit.Of([.. Enumerable.Range(0, 40).Select(_ => (Score: 0.0, Right: true))]);
        Assert.Equal(40.5 / 41, always!.Of(0), 1e-6);
    }

    [Fact]
    public void Scores_that_are_too_sure_of_themselves_are_taken_back()
    {
        var random = RandomStream.Named(2, "scores");
        // The log-odds of being right are half of what the score says.
        var verdicts = Enumerable.Range(0, 3000).Select(_ =>
        {
            var score = 6 * (random.NextDouble() - 0.2);
            return (score, random.NextDouble() < 1 / (1 + Math.Exp(-score / 2)));
        });
        var line = ConfidenceFit.Of([.. verdicts]);
        Assert.Equal(0.5, line!.Slope, 0.06);
        Assert.Equal(0, line.Offset, 0.15);
    }

    [Fact]
    public void A_verdict_that_scores_higher_is_never_told_to_be_less_sure()
    {
        var line = ConfidenceFit.Of([.. Enumerable.Range(0, 60).Select(i => (Score: i % 2 == 0 ? 3.0 : -3.0, Right: i % 2 != 0))]);
        Assert.True(line!.Of(3) >= line.Of(-3));
    }

    [Fact]
    public void Reliability_is_the_distance_of_confidence_and_share_of_right_verdicts_in_each_bin()
    {
        var found = Reliability.Of([(0.95, true), (0.95, true), (0.95, true), (0.95, false), (0.25, false), (1.0, true)]);
        Assert.Equal(6, found.Finetunes);
        Assert.Equal(4 / 6.0, found.Right, 1e-12);
        Assert.Equal([(0.2, 1), (0.9, 5)], found.Bins.Select(bin => (bin.From, bin.Count)));
        Assert.Equal(((0.25 * 1) + (Math.Abs((4.8 / 5) - 0.8) * 5)) / 6, found.ExpectedCalibrationError, 1e-12);
    }

    private static Choice Draw(RandomStream random, double[] weights)
    {
        double[][] options = [.. Enumerable.Range(0, 4).Select(_ => new[] { 1, random.NextGaussian(), random.NextGaussian() })];
        double[] odds = [.. options.Select(option => Math.Exp(option.Zip(weights, (feature, weight) => feature * weight).Sum())), 1];
        var place = random.NextDouble() * odds.Sum();
        for (var i = 0; i < options.Length; i++)
        {
            place -= odds[i];
            if (place < 0)
            {
                return new Choice(options, i);
            }
        }

        return new Choice(options, -1);
    }
}
