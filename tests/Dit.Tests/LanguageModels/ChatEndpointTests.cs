using Dit.LanguageModels;

namespace Dit.Tests.LanguageModels;

public sealed class ChatEndpointTests : IDisposable
{
    private const string Secret = "sk-very-secret-4711";
    private readonly TemporaryFolder folder = new();
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_sent_with_its_model_key_and_limit_of_tokens_and_nothing_of_our_own()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("<think>well…</think>\n Four. "));
        using var endpoint = new ChatEndpoint(Settings(server) with { Key = Key(), Temperature = 0.5f });
        Assert.Equal("Four.", await endpoint.AskAsync(new ChatPrompt("Be brief.", "2 + 2?", 7, Attempt: 1), Stop));
        var asked = Assert.Single(server.Requests);
        Assert.Equal(("small", "Be brief.", "2 + 2?", $"Bearer {Secret}"), (asked.Model, asked.System, asked.User, asked.Authorization));
        Assert.Contains("\"max_completion_tokens\":7", asked.Body, StringComparison.Ordinal);
        Assert.Contains("\"temperature\":0.5", asked.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("dit-attempt", asked.Body, StringComparison.Ordinal);
        Assert.Equal(new EndpointReport(1, 0, 0, new TokenUsage(10, 5), null), endpoint.Report);
    }

    [Fact]
    public async Task What_was_asked_once_is_never_asked_again_by_anyone()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer("echo " + asked.User) with { Delay = TimeSpan.FromMilliseconds(50) });
        for (var run = 0; run < 2; run++)
        {
            using var endpoint = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache"), Key = Key() });
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => endpoint.AskAsync(new ChatPrompt(null, $"q{i / 2}", 5), Stop)));
            Assert.Equal(["echo q0", "echo q0", "echo q1", "echo q1", "echo q2", "echo q2"], answers);
            Assert.Equal((run == 0 ? 3 : 0, run == 0 ? 3 : 6), (endpoint.Report.Asked, endpoint.Report.Cached));
        }

        Assert.Equal(3, server.Requests.Count);
        using var other = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache") });
        await other.AskAsync(new ChatPrompt(null, "q0", 5, Attempt: 1), Stop);
        await other.AskAsync(new ChatPrompt(null, "q0", 6), Stop);
        await other.AskAsync(new ChatPrompt("s", "q0", 5), Stop);
        Assert.Equal(6, server.Requests.Count);
        foreach (var file in Directory.EnumerateFiles(folder.File("cache"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(file, Stop), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_answer_in_the_cache_is_named()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("a"));
        using var endpoint = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache") });
        await endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop);
        var file = Directory.EnumerateFiles(folder.File("cache"), "*", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(file, "{\"reply\":", Stop);
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_for_the_moment_is_tried_again_after_the_wait_that_is_asked_for()
    {
        var times = new List<DateTime>();
        var script = new Queue<Served>([Served.Error(429, "slow down", ("Retry-After", "1")), Served.Error(500, "oops"), new Served(503, "<html>busy</html>", "text/html"), Served.Answer("done")]);
        using var server = new LoopbackEndpoint(_ =>
        {
            times.Add(DateTime.UtcNow);
            return script.Dequeue();
        });
        using var endpoint = new ChatEndpoint(Settings(server));
        Assert.Equal("done", await endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.True(times[1] - times[0] > TimeSpan.FromSeconds(0.95), "The wait that was asked for is kept.");
        Assert.Equal(3, endpoint.Report.Retried);
    }

    [Fact]
    public async Task What_takes_too_long_is_tried_again_and_then_given_up_and_counted_as_paid()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("late") with { Delay = TimeSpan.FromSeconds(5) });
        using var endpoint = new ChatEndpoint(Settings(server) with { Timeout = TimeSpan.FromMilliseconds(200), Retries = 1 });
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.StartsWith($"{server.Url}/chat/completions: expected an answer, found none after 0 seconds (after 2 attempts)", e.Message, StringComparison.Ordinal);
        Assert.Equal(10, endpoint.Report.Usage.Output);
    }

    [Theory]
    [InlineData(408, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(504, true)]
    [InlineData(524, true)]
    [InlineData(409, false)]
    [InlineData(429, false)]
    [InlineData(503, false)]
    [InlineData(529, false)]
    public async Task An_error_behind_which_the_model_may_have_answered_counts_as_paid(int status, bool paid)
    {
        using var server = new LoopbackEndpoint(_ => Served.Error(status, "sorry"));
        using var endpoint = new ChatEndpoint(Settings(server) with { Retries = 1 });
        await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.Equal((2, paid ? 10 : 0), (server.Requests.Count, endpoint.Report.Usage.Output));
    }

    [Fact]
    public async Task An_answer_that_a_gateway_lost_is_not_asked_for_again_beyond_the_limit()
    {
        using var server = new LoopbackEndpoint(_ => Served.Error(504, "upstream timed out"));
        using var endpoint = new ChatEndpoint(Settings(server) with { Prices = new Prices(0, 10_000), Limit = 1.5m });
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 100), Stop));
        Assert.StartsWith("spending limit: expected to stay within $1.50 in one run, found $1.00 spent", e.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task No_more_requests_than_allowed_are_under_way()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(asked.User) with { Delay = TimeSpan.FromMilliseconds(60) });
        using var endpoint = new ChatEndpoint(Settings(server) with { Concurrency = 3 });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => endpoint.AskAsync(new ChatPrompt(null, $"q{i}", 5), Stop)));
        Assert.InRange(server.MostAtOnce, 2, 3);
    }

    [Fact]
    public async Task Nothing_is_asked_that_could_exceed_the_limit()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(asked.User, 10, 100));
        using var endpoint = new ChatEndpoint(Settings(server) with { Prices = new Prices(0, 10_000), Limit = 3.5m });
        var done = 0;
        var e = await Assert.ThrowsAsync<DitException>(async () =>
        {
            for (; ; done++)
            {
                await endpoint.AskAsync(new ChatPrompt(null, $"q{done}", 100), Stop);
            }
        });
        Assert.Equal("spending limit: expected to stay within $3.50 in one run, found $3.00 spent and a next question that may cost $1.00; every answer so far is kept, and another run goes on from there with a limit of its own", e.Message);
        Assert.Equal((3, 3), (done, server.Requests.Count));
        Assert.Equal(3, endpoint.Report.Cost);
    }

    [Fact]
    public async Task Questions_at_once_share_the_limit()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(asked.User, 0, 10) with { Delay = TimeSpan.FromMilliseconds(30) });
        using var endpoint = new ChatEndpoint(Settings(server) with { Limit = 1000 });
        var tasks = Enumerable.Range(0, 30).Select(i => endpoint.AskAsync(new ChatPrompt(null, $"q{i}", 400), Stop)).ToArray();
        await Task.WhenAll(tasks);
        Assert.Equal(300, endpoint.Report.Usage.Total);
        Assert.InRange(server.MostAtOnce, 1, 2);
    }

    [Theory]
    [InlineData(401, "expected a key that it accepts, found 401: Incorrect key ••• given")]
    [InlineData(404, "expected the model 'small' there, found 404: no such model")]
    [InlineData(400, "expected the question to be taken, found 400: no such model")]
    public async Task A_refusal_is_one_sentence_without_the_key(int status, string sentence)
    {
        using var server = new LoopbackEndpoint(_ => Served.Error(status, status == 401 ? $"Incorrect key {Secret} given." : "no such model"));
        using var endpoint = new ChatEndpoint(Settings(server) with { Key = Key() });
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.Equal($"{server.Url}/chat/completions: {sentence}", e.Message);
        Assert.Equal(0, endpoint.Report.Usage.Total);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html></html>", "text/html")]
    [InlineData("", "application/json")]
    [InlineData("{\"choices\":[]}", "application/json")]
    [InlineData("{\"choices\":", "application/json")]
    [InlineData("[1,2,3]", "application/json")]
    [InlineData("{\"choices\":[{\"message\":null}]}", "application/json")]
    public async Task What_is_no_completion_is_said_to_be_none(string body, string type)
    {
        using var server = new LoopbackEndpoint(_ => new Served(200, body, type));
        using var endpoint = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache") });
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.StartsWith($"{server.Url}/chat/completions: expected a chat completion as JSON, found something else", e.Message, StringComparison.Ordinal);
        Assert.Equal((0, 5), (endpoint.Report.Asked, endpoint.Report.Usage.Output));
        Assert.False(Directory.Exists(folder.File("cache")));
    }

    [Fact]
    public async Task Where_nobody_listens_is_said_at_once()
    {
        using var endpoint = new ChatEndpoint(new EndpointSettings { Url = $"http://127.0.0.1:{LoopbackEndpoint.FreePort()}/v1/", Model = "small" });
        var e = await Assert.ThrowsAsync<DitException>(() => endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        Assert.Contains("/v1/chat/completions: expected an answer, found nobody there: Connection refused", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_under_way_when_work_is_stopped_is_kept()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("late") with { Delay = TimeSpan.FromMilliseconds(500) });
        using var endpoint = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache") });
        using var stop = new CancellationTokenSource();
        var asking = endpoint.AskAsync(new ChatPrompt(null, "q", 5), stop.Token);
        while (server.Requests.IsEmpty)
        {
            await Task.Delay(5, Stop);
        }

        await stop.CancelAsync();
        Assert.Equal("late", await asking);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endpoint.AskAsync(new ChatPrompt(null, "other", 5), stop.Token));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Many_who_ask_the_same_at_nearly_the_same_time_have_it_asked_once()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer("echo " + asked.User) with { Delay = TimeSpan.FromMilliseconds(20) });
        using var endpoint = new ChatEndpoint(Settings(server) with { Cache = folder.File("cache"), Concurrency = 64 });

        // Askers that come while, just before and just after the first one leaves.
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            await Task.Delay(i / 5, Stop);
            Assert.Equal("echo q", await endpoint.AskAsync(new ChatPrompt(null, "q", 5), Stop));
        }));

        Assert.Single(server.Requests);
        Assert.Equal((1, 299), (endpoint.Report.Asked, endpoint.Report.Cached));
    }

    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("ftp://somewhere/v1")]
    [InlineData("https://user:hunter2@somewhere/v1")]
    [InlineData("https://somewhere/v1?key=hunter2")]
    public void An_address_that_is_none_or_holds_a_secret_is_refused_without_showing_it(string url)
    {
        var e = Assert.Throws<DitException>(() => new EndpointSettings { Url = url, Model = "small" });
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("schlüssel")]
    public void A_key_that_is_none_is_refused_without_showing_it(string text)
    {
        File.WriteAllText(folder.File("key"), text);
        var e = Assert.Throws<DitException>(() => ApiKey.FromFile(folder.File("key")));
        Assert.StartsWith(folder.File("key"), e.Message, StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !e.Message.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_does_not_print()
    {
        var settings = new EndpointSettings { Url = "http://localhost/v1/chat/completions", Model = "small", Key = Key() };
        Assert.DoesNotContain(Secret, settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, System.Text.Json.JsonSerializer.Serialize(settings), StringComparison.Ordinal);
        Assert.Equal("http://localhost/v1", settings.Url);
    }

    public void Dispose() => folder.Dispose();

    private ApiKey Key()
    {
        File.WriteAllText(folder.File("key"), Secret + "\n");
        return ApiKey.FromFile(folder.File("key"));
    }

    private static EndpointSettings Settings(LoopbackEndpoint server) => new() { Url = server.Url, Model = "small", FirstWait = TimeSpan.FromMilliseconds(5) };
}
