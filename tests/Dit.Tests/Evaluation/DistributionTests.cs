namespace Dit.Evaluation;

public sealed class DistributionTests
{
    [Fact]
    public void Grades_are_counted_and_failures_apart()
    {
        var distribution = Distribution.Of([1, 5, 5, null, 4]);
        Assert.Equal([1, 0, 0, 1, 2], distribution.Counts);
        Assert.Equal((1, 5, 0.2, 0.5), (distribution.Failed, distribution.Total, distribution.FailedShare, distribution.Share(5)));
    }

    [Fact]
    public void Nothing_can_be_counted() => Assert.Equal((0, 0.0, 0.0), (Distribution.Of([]).Total, Distribution.Of([]).FailedShare, Distribution.Of([]).Share(1)));

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(double.NaN)]
    public void A_grade_outside_is_refused(double grade) => Assert.Throws<ArgumentException>(() => Distribution.Of([grade]));
}
