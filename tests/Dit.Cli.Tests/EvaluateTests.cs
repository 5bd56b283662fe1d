using System.Text.Json;

namespace Dit.Cli.Tests;

/// <summary><c>dit evaluate</c> with the shipped models, as the README gives it but for one topic.</summary>
public sealed class EvaluateTests
{
    [Fact]
    public void Without_seeds_it_takes_the_usual_three()
    {
        using var folder = new TemporaryFolder();
        var outcome = DitProcess.Run("evaluate", "--count", "1", "--out", folder.File("evaluation"), "--json");

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var report = JsonDocument.Parse(outcome.Output);
        Assert.Equal(3, report.RootElement.GetProperty("n").GetInt32());
        Assert.Equal([101, 102, 103], report.RootElement.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
    }
}
