using Dit.Evaluation;

namespace Dit.Tests.Evaluation;

public sealed class IntervalTests
{
    [Fact]
    public void The_mean_is_of_all_values_and_the_interval_holds_it()
    {
        var interval = Interval.Bootstrap([[1, 1, 0], [0, 0], [1]], seed: 1);
        Assert.Equal(0.5, interval.Mean, 12);
        Assert.InRange(interval.Mean, interval.Low, interval.High);
        Assert.True(interval.Low < interval.High);
    }

    [Fact]
    public void Values_that_never_differ_leave_no_width() => Assert.Equal(new Interval(1, 1, 1), Interval.Bootstrap([[1, 1], [1]], seed: 1));

    [Fact]
    public void Whole_groups_are_drawn_so_that_repeats_within_one_add_no_certainty()
    {
        double[][] groups = [.. Enumerable.Range(0, 40).Select(i => new[] { i % 2.0 })];
        double[][] repeated = [.. groups.Select(group => Enumerable.Repeat(group[0], 10).ToArray())];
        Assert.Equal(Interval.Bootstrap(groups, 3), Interval.Bootstrap(repeated, 3));
    }

    [Fact]
    public void Named_groups_are_the_same_as_groups() =>
        Assert.Equal(Interval.Bootstrap([[1, 0], [0.5]], 3), Interval.Bootstrap([1, 0.5, 0], ["a", "b", "a"], 3));

    [Fact]
    public void There_is_no_mean_of_nothing()
    {
        Assert.Throws<ArgumentException>(() => Interval.Bootstrap([], 1));
        Assert.Throws<ArgumentException>(() => Interval.Bootstrap([[1], []], 1));
        Assert.Throws<ArgumentException>(() => Interval.Bootstrap([1], ["a", "b"], 1));
    }
}
