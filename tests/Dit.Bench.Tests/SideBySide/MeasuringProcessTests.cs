namespace Dit.Bench.SideBySide;

public sealed class MeasuringProcessTests
{
    private static readonly Trial Trial = new(Micro.Computed, new Work(WorkKind.Adapter, Rows: 3, Tokens: 8, Answer: 2), Warmup: 0, Steps: 1);

    [Fact]
    public void Where_there_is_no_python_a_word_says_so()
    {
        var outcome = MeasuringProcess.Peer(["no-such-python-anywhere"], "adapter_dense", Trial);

        Assert.Null(outcome.Measured);
        Assert.Equal("no no-such-python-anywhere here", outcome.Skipped);
    }

    [Fact]
    public void Where_a_library_is_missing_its_word_is_handed_on()
    {
        Assert.Equal("no transformers in sh", Shell("echo no transformers; exit 77").Skipped);
    }

    [Fact]
    public void A_process_that_takes_too_much_memory_is_told()
    {
        Assert.StartsWith("killed", Shell("kill -9 $$").Skipped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_fails_is_told_with_its_last_words()
    {
        var outcome = Shell("echo first >&2; echo last >&2; exit 3");

        Assert.Equal("failed with exit code 3: last", outcome.Skipped);
        Assert.Equal("a peer: expected it to measure, found it failed with exit code 3: last", Assert.Throws<DitException>(() => outcome.Required("a peer")).Message);
    }

    [Fact]
    public void The_work_goes_in_by_standard_input_and_the_figures_come_out()
    {
        var outcome = MeasuringProcess.Run(["sh", "-c", "read line; echo \"$line\""], "a peer", stream => stream.Write("measured {\"seconds\": [2]}\n"u8));

        Assert.Equal([2.0], outcome.Measured!.Seconds);
    }

    [Fact]
    public void Every_work_has_its_peers_scripts()
    {
        foreach (var peer in BenchShape.All.Values.SelectMany(shape => shape.Works).SelectMany(work => work.Peers).Distinct(StringComparer.Ordinal))
        {
            Assert.Contains("work.measure(", MeasuringProcess.Script(peer), StringComparison.Ordinal);
        }
    }

    private static Outcome Shell(string script) => MeasuringProcess.Run(["sh", "-c", script], "a peer", _ => { });
}
