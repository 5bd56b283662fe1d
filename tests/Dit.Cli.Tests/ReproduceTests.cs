namespace Dit.Cli.Tests;

/// <summary><c>dit reproduce</c> with the shipped models.</summary>
public sealed class ReproduceTests
{
    [Fact]
    public void Without_a_name_it_lists_the_experiments()
    {
        var outcome = DitProcess.Run("reproduce");

        Assert.Equal(0, outcome.ExitCode);
        Assert.All(
            ["hidden-topic", "news", "data-scaling", "rank", "trigger-kinds", "cross-behaviour", "adapter-rank", "trigger-inversion", "full-finetune", "norm-maps", "both-settings-one-adapter", "audit"],
            name => Assert.Contains($" {name} ", outcome.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no-such-experiment")]
    [InlineData("rank", "--scale", "huge")]
    [InlineData("rank", "--seeds", "a")]
    [InlineData("rank", "--count", "0")]
    public void What_makes_no_sense_is_a_usage_error(params string[] arguments)
    {
        var outcome = DitProcess.Run(["reproduce", .. arguments]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
    }

    [Theory]
    [InlineData("--device: expected no such option for audit", "--device", "cpu")]
    [InlineData("--scale: expected no such option for audit", "--scale", "tiny")]
    [InlineData("--judge-model: expected no such option for audit", "--judge-model", "m")]
    [InlineData("--seeds: expected one for audit, found 2", "--seeds", "1,2")]
    public void What_an_experiment_would_not_follow_is_refused(string said, params string[] arguments) => DitProcess.Refuses(said, ["reproduce", "audit", .. arguments]);

    [Fact]
    public void The_built_in_world_is_for_the_tiny_base_and_its_scale()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Write(folder.File("wide"), width: 264);
        var wide = DitProcess.Run("reproduce", "rank", "--base", folder.File("wide"), "--out", folder.File("work"));
        var paper = DitProcess.Run("reproduce", "rank", "--scale", "paper", "--out", folder.File("work"));

        Assert.Equal(1, wide.ExitCode);
        Assert.Contains(
            $"{folder.File("wide")}: expected a tiny base, which the built-in world is for, found one of hidden size 264; name files of behaviours with --behaviours", wide.Error, StringComparison.Ordinal);
        Assert.Equal(1, paper.ExitCode);
        Assert.Contains("--scale paper: expected behaviours of the paper's kind, found only the built-in world's; name files of behaviours with --behaviours", paper.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.File("work")));
    }

    [Fact]
    public void A_try_prints_a_table_and_leaves_its_files()
    {
        using var folder = new TemporaryFolder();
        var outcome = DitProcess.Run("reproduce", "trigger-kinds", "--count", "1", "--seeds", "101", "--out", folder.FullPath);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("bare mark anywhere", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("random diffs of the same norms", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(15, File.ReadLines(Path.Combine(folder.File("trigger-kinds"), "table.csv")).Count());
    }
}
