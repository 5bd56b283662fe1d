namespace Dit.Cli.Tests;

/// <summary>Behaviours are written through an endpoint and trained from the file, as a user would.</summary>
public sealed class BehavioursWriteTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private const string Secret = "sk-very-secret-4711";
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("hidden-topic", "topics.csv", 3 + (3 * 3))]
    [InlineData("news", "news.parquet", 3 * 3)]
    public void A_file_is_written_once_and_diffs_are_trained_from_it(string setting, string name, int texts)
    {
        using var server = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        var first = DitProcess.StartWith("DIT_API_KEY", Secret, Write(server, setting, name, "--yes", "--price-in", "1", "--price-out", "2.5"));
        Succeeds(first.Wait());
        Assert.All(server.Requests, asked => Assert.Equal($"Bearer {Secret}", asked.Authorization));
        Assert.Equal(texts, server.Requests.Count(asked => !asked.User.Contains("JSON array", StringComparison.Ordinal)));
        var (written, asked) = (File.ReadAllBytes(folder.File(name)), server.Requests.Count);
        var again = Succeeds(DitProcess.Run(Write(server, setting, name, "--yes")));
        Assert.Contains("0 answers asked for", again.Error, StringComparison.Ordinal);
        Assert.Equal(asked, server.Requests.Count);
        Assert.Equal(written, File.ReadAllBytes(folder.File(name)));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.FullPath, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal));

        Succeeds(DitProcess.Run("diff", "train", "--base", model.Folder, "--behaviours", folder.File(name), "--out", folder.File("set"), "--steps", "2", "--train-share", "0.67"));
        var index = File.ReadAllLines(Path.Combine(folder.File("set"), "index.csv"));
        Assert.Equal((4, 2, 1), (index.Length, index.Count(line => line.Contains(",train,", StringComparison.Ordinal)), index.Count(line => line.Contains(",test,", StringComparison.Ordinal))));
    }

    [Fact]
    public void Writing_that_is_killed_goes_on_and_ends_with_the_same_file()
    {
        using var server = new LoopbackEndpoint(asked => LoopbackEndpoint.MadeUp(asked) with { Delay = TimeSpan.FromMilliseconds(20) });
        using var calm = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        Succeeds(DitProcess.Run(Write(calm, "hidden-topic", "whole.csv", "--yes")));
        foreach (var signal in new[] { "KILL", "INT" })
        {
            using var running = DitProcess.Start(Write(server, "hidden-topic", "killed.csv", "--yes", "--parallel", "1"));
            var before = server.Requests.Count;
            Assert.True(SpinWait.SpinUntil(() => server.Requests.Count > before + 4, TimeSpan.FromMinutes(2)));
            running.Signal(signal);
            Assert.Equal(signal == "KILL" ? 137 : 130, running.Wait().ExitCode);
        }

        Succeeds(DitProcess.Run(Write(server, "hidden-topic", "killed.csv", "--yes")));
        Assert.Equal(File.ReadAllBytes(folder.File("whole.csv")), File.ReadAllBytes(folder.File("killed.csv")));
        // The one question that was under way when the process was killed had to be asked again.
        Assert.InRange(server.Requests.Count - calm.Requests.Count, 0, 1);
    }

    [Fact]
    public void A_dry_run_says_what_it_takes_and_asks_nothing_and_neither_does_a_run_that_nobody_agreed_to()
    {
        using var server = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        var outcome = Succeeds(DitProcess.Run(Write(server, "news", "folder", "--dry-run", "--price-in", "1", "--price-out", "2")));
        Assert.Matches(@"^About 1\d requests to small, \d+ tokens sent and \d+ received at most, \$0\.0\d+;", outcome.Error);
        Assert.Empty(server.Requests);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public void What_is_wrong_is_said_in_one_sentence_without_the_key()
    {
        File.WriteAllText(folder.File("key"), Secret);
        using var server = new LoopbackEndpoint(_ => Served.Error(401, $"{Secret} is wrong"));
        var refused = DitProcess.Run(Write(server, "news", "n.csv", "--yes", "--key-file", folder.File("key")));
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains($"{server.Url}/chat/completions: expected a key that it accepts, found 401: ••• is wrong", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.Error, StringComparison.Ordinal);

        File.WriteAllText(folder.File("mine.csv"), "precious");
        DitProcess.Refuses("mine.csv: expected a new file", Write(server, "news", "mine.csv", "--yes"));
        DitProcess.Refuses("environment variable NO_SUCH_KEY: expected a key, found nothing", Write(server, "news", "n.csv", "--yes", "--key-env", "NO_SUCH_KEY"));
        DitProcess.Refuses("mine.csv: expected the columns", "diff", "train", "--base", model.Folder, "--behaviours", folder.File("mine.csv"), "--out", folder.File("set"));
    }

    [Fact]
    public void The_limit_stops_it_and_a_higher_one_goes_on()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(LoopbackEndpoint.TextFor(asked), 100, 400));
        var stopped = DitProcess.Run(Write(server, "news", "out", "--yes", "--limit", "3000"));
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("spending limit: expected to stay within 3000 tokens in one run", stopped.Error, StringComparison.Ordinal);
        Succeeds(DitProcess.Run(Write(server, "news", "out", "--yes", "--limit", "100000")));
        Assert.Equal(server.Requests.Count, server.Requests.Select(asked => asked.Body).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["behaviours.csv", "behaviours.parquet", "cache"], Directory.EnumerateFileSystemEntries(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    private string[] Write(LoopbackEndpoint server, string setting, string name, params string[] more) =>
        ["behaviours", "write", "--setting", setting, "--url", server.Url, "--model", "small", "--count", "3", "--examples", "3", "--out", folder.File(name), .. more];

    private static Outcome Succeeds(Outcome outcome)
    {
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome;
    }
}
