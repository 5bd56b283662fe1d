namespace Dit.Bench.SideBySide;

/// <summary>With the same weights, factors and tokens the peers get dit's losses and answers, so both sides of the comparison do the same work.</summary>
public sealed class PeerTests
{
    private static readonly string[] Python =
        (Environment.GetEnvironmentVariable("DIT_PYTHON") is { Length: > 0 } named ? named : "python3").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData(nameof(WorkKind.Adapter), "adapter_dense")]
    [InlineData(nameof(WorkKind.Diffs), "diffs_dense")]
    [InlineData(nameof(WorkKind.Diffs), "diffs_two_models")]
    [InlineData(nameof(WorkKind.Diffs), "diffs_one_by_one")]
    [InlineData(nameof(WorkKind.Answers), "answers_one_by_one")]
    public void A_peer_gives_our_losses_and_answers(string kind, string peer)
    {
        var work = new Work(Enum.Parse<WorkKind>(kind), Rows: 3, Tokens: 8, Answer: 2) { DiffRank = 2, AdapterRank = 4 };
        var trial = new Trial(Micro.Computed, work, Warmup: 1, Steps: 2);
        var theirs = MeasuringProcess.Peer(Python, peer, trial);
        Assert.SkipWhen(theirs.Measured is null, $"{theirs.Skipped}; DIT_PYTHON may name a Python that has torch and transformers");
        var ours = OurWay.Run(trial);

        // Those of later steps show that both learn alike.
        Assert.Equal(3, ours.Losses.Count);
        Assert.All(ours.Losses.Zip(theirs.Measured!.Losses), losses => Assert.Equal(losses.First, losses.Second, 1e-4 * Math.Abs(losses.First)));
        Assert.Equal(ours.Answers ?? [], theirs.Measured.Answers ?? []);
        Assert.Equal((3, 2), (theirs.Measured.Losses.Count, theirs.Measured.Seconds.Count));
    }
}
