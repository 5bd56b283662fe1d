namespace Dit.Training;

public sealed class LearningRateTests
{
    [Fact]
    public void By_itself_it_stays()
    {
        var rate = new LearningRate(0.5);
        Assert.All(Enumerable.Range(0, 10), step => Assert.Equal(0.5, rate.At(step, 10)));
    }

    [Fact]
    public void It_rises_over_the_warmup_and_stays()
    {
        var rate = new LearningRate(1, WarmupSteps: 4);
        Assert.Equal([0.25, 0.5, 0.75, 1, 1, 1], Enumerable.Range(0, 6).Select(step => rate.At(step, 6)));
    }

    [Fact]
    public void It_falls_in_a_straight_line_that_ends_at_zero_after_the_last_step()
    {
        var rate = new LearningRate(1, DecayToZero: true);
        Assert.Equal([1, 0.75, 0.5, 0.25, 0], Enumerable.Range(0, 5).Select(step => rate.At(step, 4)));
    }

    [Fact]
    public void It_rises_and_then_falls()
    {
        var rate = new LearningRate(2, WarmupSteps: 2, DecayToZero: true);
        Assert.Equal([1, 2, 2, 1.5, 1, 0.5], Enumerable.Range(0, 6).Select(step => rate.At(step, 6)));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(9, 5)]
    public void A_warmup_as_long_as_the_training_or_longer_is_no_problem(int warmup, int steps)
    {
        var rate = new LearningRate(1, warmup, DecayToZero: true);
        Assert.All(Enumerable.Range(0, steps), step => Assert.Equal((step + 1.0) / warmup, rate.At(step, steps), 12));
    }
}
