namespace Dit.Bench.SideBySide;

public sealed class ComparisonLineTests
{
    private static readonly Work Work = new(WorkKind.Diffs, Rows: 2, Tokens: 3, Answer: 1);
    private static readonly BenchShape Shape = new("counted", Micro.Counted, [Work]) { StepsPerDiff = 10 };
    private static readonly MachineRates Rates = new(MultiplyAdds: Floor.Of(Micro.Counted, Work).MultiplyAdds * 2, Bytes: 1);

    [Fact]
    public void A_line_has_all_rounds_in_it_and_its_rates_from_the_median()
    {
        var ours = Line("dit", Of([2, 1], loss: 1, extra: 30), Of([4], loss: 1, extra: 50));

        Assert.Equal([Work.ToString(), "dit", "1.00", "2.00", "4.00", "6.00", "9.00", "25 %", "50", "1.0000", "", ""], ours.Cells(ours, Rates));
    }

    [Fact]
    public void Another_way_stands_beside_ours()
    {
        var ours = Line("dit", Of([2], loss: 1, extra: 50));
        var theirs = Line("theirs", Of([5], loss: 1.0001, extra: 200));

        Assert.Equal(["2.50 ×", "0.25"], theirs.Cells(ours, Rates).Skip(10));
        Assert.Equal("1.0001", theirs.Cells(ours, Rates)[9]);
    }

    [Fact]
    public void A_loss_that_is_not_ours_is_marked()
    {
        var ours = Line("dit", Of([2], loss: 1, extra: 50));

        Assert.Equal("1.1000 ≠ ours", Line("theirs", Of([5], loss: 1.1, extra: 200)).Cells(ours, Rates)[9]);
    }

    [Fact]
    public void Who_asks_fewer_diffs_is_compared_by_the_diff()
    {
        var asked = new Work(WorkKind.Answers, Rows: 100, Tokens: 3, Answer: 1);
        var ours = new ComparisonLine(Shape, asked, "dit", [Of([2], loss: 0, extra: 50)]);
        var theirs = new ComparisonLine(Shape, asked with { Rows = 10 }, "theirs", [Of([1], loss: 0, extra: 50)]);

        Assert.Equal("5.00 ×", theirs.Cells(ours, Rates)[10]);
    }

    [Fact]
    public void Who_was_skipped_says_why()
    {
        var ours = Line("dit", Of([2], loss: 1, extra: 50));
        var cells = Line("theirs", new Outcome(null, "no torch in python3")).Cells(ours, Rates);

        Assert.Equal((ComparisonLine.Titles.Count, "theirs: no torch in python3"), (cells.Count, cells[1]));
    }

    private static ComparisonLine Line(string way, params Outcome[] outcomes) => new(Shape, Work, way, outcomes);

    private static Outcome Of(double[] seconds, double loss, double extra) => new(new Measured { Seconds = seconds, Losses = [loss], BareMib = 100, PeakMib = 100 + extra });
}
