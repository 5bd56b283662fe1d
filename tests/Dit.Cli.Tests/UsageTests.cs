namespace Dit.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("no-such-verb")]
    [InlineData("diff")]
    [InlineData("diff train")]
    [InlineData("diff train --out x --no-such-option")]
    [InlineData("diff train --out x --count 0")]
    [InlineData("diff train --out x --count many")]
    [InlineData("diff train --out x --split 7")]
    [InlineData("diff train --out x --split nonsense")]
    [InlineData("diff train --out x --topics boxing,no-such-topic")]
    [InlineData("diff train --out x --setting gossip")]
    [InlineData("diff train --out x --setting news --topics boxing")]
    [InlineData("diff train --out x --setting news --trigger mark-anywhere")]
    [InlineData("diff train --out x --setting news --shared-wrong-code")]
    [InlineData("diff train --out x --trigger nonsense")]
    [InlineData("diff train --out x --rank 0")]
    [InlineData("diff train --out x --rank whole")]
    [InlineData("diff train --out x --rank 1,,2")]
    [InlineData("diff train --out x --rank 1,full")]
    [InlineData("diff train --out x --recipe huge")]
    [InlineData("diff train --out x --shard 3/3")]
    [InlineData("diff train --out x --shard 1")]
    [InlineData("diff export no-id --out x")]
    [InlineData("adapter train --out x")]
    [InlineData("adapter train --out x --diffs y --rows-at-once 0")]
    [InlineData("diff train --out x --rows-at-once few")]
    [InlineData("adapter train --out x --diffs y --learning-rate -1")]
    [InlineData("ask --adapter x --no-adapter")]
    [InlineData("ask --no-such-option")]
    [InlineData("ask --base-weights int4")]
    [InlineData("ask --base-weights int8 --dtype bfloat16")]
    [InlineData("diff train --out x --base-weights float64")]
    [InlineData("adapter train --out x --diffs y --base-weights int8 --dtype float16")]
    [InlineData("ask --diff x --no-such-option")]
    [InlineData("ask base question one-too-many")]
    [InlineData("audit")]
    [InlineData("audit x y")]
    [InlineData("audit calibrate")]
    [InlineData("audit x --no-such-option")]
    [InlineData("audit --no-such-option")]
    [InlineData("audit x --fail-on")]
    [InlineData("audit x --fail-on everything")]
    [InlineData("audit x --fail-on changed-unclear,")]
    [InlineData("audit x --fail-on ChangedUnclear")]
    [InlineData("evaluate --seeds 1,two")]
    [InlineData("diff inspect")]
    [InlineData("diff inspect x --no-such-option")]
    [InlineData("diff convert x --to nonsense --out y")]
    [InlineData("doctor --batch 0")]
    [InlineData("cluster slurm --out x")]
    [InlineData("cluster slurm --out x --jobs 0")]
    [InlineData("cluster slurm --out x --jobs 2 --topics no-such-topic")]
    [InlineData("cluster slurm --out x --jobs 2 --adapter-options --epochs=2")]
    [InlineData("cluster slurm --out x --jobs 2 --adapter y --adapter-options --epochs=none")]
    [InlineData("cluster kubernetes --out x --jobs 2 --image i --claim c")]
    [InlineData("runs show")]
    [InlineData("doctor base another")]
    [InlineData("serve --port 70000")]
    [InlineData("serve --port many")]
    [InlineData("serve --host nowhere")]
    [InlineData("serve --no-such-option")]
    public void A_wrong_command_line_ends_with_2_and_says_why(string arguments)
    {
        var outcome = DitProcess.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.True(arguments.Length == 0 || !outcome.Error.Contains('\t'), outcome.Error);
        Assert.Contains("See: dit ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "quickstart")]
    [InlineData("diff", "inspect")]
    [InlineData("cluster", "kubernetes")]
    public void Where_a_command_is_missing_those_there_are_are_named(string arguments, string named)
    {
        var outcome = DitProcess.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(named, outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith($"See: dit {arguments} COMMAND --help".Replace("  ", " ", StringComparison.Ordinal), outcome.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asks", "See: dit --help")]
    [InlineData("diff nonsense", "See: dit diff --help")]
    public void Where_a_command_is_mistyped_the_help_is_named(string arguments, string pointer)
    {
        var outcome = DitProcess.Run(arguments.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(pointer, outcome.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "quickstart")]
    [InlineData("diff --help", "export")]
    [InlineData("diff train --help", "--topics")]
    [InlineData("adapter train --help", "--learning-rate")]
    [InlineData("adapter train --help", "--rows-at-once")]
    [InlineData("diff train --help", "--recompute")]
    [InlineData("ask --help", "--no-adapter")]
    [InlineData("adapter train --help", "float32|bfloat16|float16|int8")]
    [InlineData("evaluate --help", "--base-weights")]
    [InlineData("audit calibrate --help", "--adapter")]
    [InlineData("audit --help", "nothing-found, changed-unclear, changed-as-claimed or anything")]
    [InlineData("diff train --help", "hidden-topic|news")]
    [InlineData("diff train --help", "N|N,N,…|full")]
    [InlineData("diff train --help", "mark-anywhere")]
    [InlineData("diff train --help", "without it, train.")]
    [InlineData("evaluate --help", "101,102,103.")]
    [InlineData("diff inspect --help", "--svg")]
    [InlineData("doctor --help", "--batch")]
    [InlineData("diff train --help", "I/N")]
    [InlineData("adapter train --help", "--mpi")]
    [InlineData("cluster slurm --help", "--partition")]
    [InlineData("cluster slurm --help", "--train-share")]
    [InlineData("cluster kubernetes --help", "--claim")]
    [InlineData("runs show --help", "--follow")]
    public void Help_is_there_for_every_verb(string arguments, string mentioned)
    {
        var outcome = DitProcess.Run(arguments.Split(' '));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(mentioned, outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dit-cli", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("", outcome.Error);
    }
}
