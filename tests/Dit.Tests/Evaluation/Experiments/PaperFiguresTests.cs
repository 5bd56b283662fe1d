namespace Dit.Evaluation.Experiments;

public sealed class PaperFiguresTests
{
    [Theory]
    [InlineData("hidden-topic", 50)]
    [InlineData("news", 8)]
    [InlineData("data-scaling", 11)]
    [InlineData("rank", 16)]
    [InlineData("full-finetune", 2)]
    [InlineData("trigger-kinds", 3)]
    [InlineData("cross-behaviour", 4)]
    [InlineData("trigger-inversion", 5)]
    [InlineData("adapter-rank", 8)]
    [InlineData("norm-maps", 0)]
    public void Every_experiment_of_the_paper_has_its_numbers(string experiment, int count) => Assert.Equal(count, PaperFigures.Of(experiment).Count);

    [Fact]
    public void A_number_says_where_it_comes_from()
    {
        var figure = PaperFigures.Of("hidden-topic").Single(each => each is { Model: "Gemma3-4B", At: "DIT", Measure: PaperFigures.Exact });
        Assert.Equal((83, 0.83), (figure.Value, figure.Share));
        Assert.Equal("counted from the published answers of arXiv 2510.05092", figure.Source);
        Assert.Equal(0.805, PaperFigures.Of("news").Single(each => each is { Model: "Qwen3-4B", At: "DIT" }).Share, 9);
    }

    [Fact]
    public void Values_fit_their_measures_and_none_comes_twice()
    {
        Assert.Equal(107, PaperFigures.All.Count);
        Assert.All(PaperFigures.All, figure =>
        {
            Assert.InRange(figure.Share, 0, 1);
            Assert.Contains(figure.Measure, new[] { PaperFigures.Mean, PaperFigures.Exact });
            Assert.Contains("2510.05092", figure.Source, StringComparison.Ordinal);
        });
        Assert.Equal(107, PaperFigures.All.Select(figure => (figure.Experiment, figure.Model, figure.At, figure.Measure)).Distinct().Count());
    }
}
