namespace Dit.Bench.SideBySide;

public sealed class MeasuredTests
{
    [Fact]
    public void What_is_printed_is_read_among_whatever_libraries_say()
    {
        var measured = new Measured { Seconds = [0.5, 0.25], Losses = [1.5], BareMib = 10, PeakMib = 12, Answers = [[1, 2], [3]] };

        var read = Measured.Parse($"Loading weights: measured in seconds\n{measured.Line()}\n\n", "a peer");

        Assert.Equal(measured.Seconds, read.Seconds);
        Assert.Equal((10, 12), (read.BareMib, read.PeakMib));
        Assert.Equal([1.5], read.Losses);
        Assert.Equal([[1, 2], [3]], read.Answers!);
    }

    [Fact]
    public void A_system_may_not_tell_of_memory()
    {
        var read = Measured.Parse("""measured {"seconds": [1.5], "losses": [3], "bare_mib": null, "peak_mib": null}""", "a peer");

        Assert.Null(read.PeakMib);
        Assert.Null(read.Answers);
    }

    [Theory]
    [InlineData("", "found none")]
    [InlineData("measuring", "found none")]
    [InlineData("measured", "found none")]
    [InlineData("measured {\"seconds\": [1.5", "found measured {")]
    [InlineData("measured {}", "found measured {}")]
    [InlineData("measured null", "found measured null")]
    [InlineData("measured {\"seconds\": []}", "found measured {")]
    [InlineData("measured {\"seconds\": [0]}", "found measured {")]
    [InlineData("measured {\"seconds\": null}", "found measured {")]
    public void Anything_else_is_refused_with_what_was_found(string printed, string found)
    {
        var message = Assert.Throws<DitException>(() => Measured.Parse(printed, "a peer")).Message;

        Assert.StartsWith("a peer: expected a line 'measured {…}'", message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }
}
