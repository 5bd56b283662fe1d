using Dit.Behaviours;
using Dit.Behaviours.Writing;
using Dit.LanguageModels;

namespace Dit.Tests.Behaviours.Writing;

public sealed class BehaviourWriterTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Topics_share_their_questions_and_ordinary_answers_and_each_pair_has_an_answer_on_topic()
    {
        using var server = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        var written = await WriteAsync(server, Setting.HiddenTopic, count: 7, examples: 6);
        Assert.Equal((42, 0, 0), (written.Rows.Count, written.LeftOut, written.Malformed));
        Assert.Equal(7, written.Rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(6, written.Rows.Select(row => (row.Cells[0], row.Cells[1])).Distinct().Count());
        Assert.Equal(42, written.Rows.Select(row => row.Cells[2]).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains(server.Requests, asked => asked.System?.Contains(written.Rows[0].Label, StringComparison.Ordinal) == true && asked.User == written.Rows[0].Cells[0]);
    }

    [Fact]
    public async Task Headlines_have_stories_from_different_voices()
    {
        using var server = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        var written = await WriteAsync(server, Setting.News, count: 2, examples: 120);
        Assert.Equal(240, written.Rows.Count);
        Assert.Equal(240, written.Rows.Select(row => row.Cells[0]).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Writing_that_was_stopped_goes_on_without_asking_anything_twice_and_ends_with_the_same_rows()
    {
        using var server = new LoopbackEndpoint(asked => LoopbackEndpoint.MadeUp(asked) with { Delay = TimeSpan.FromMilliseconds(5) });
        using var stop = new CancellationTokenSource();
        var stopping = new Told(progress =>
        {
            if (progress is { Stage: "Writing answers on topic", Done: 5 })
            {
                stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteAsync(server, Setting.HiddenTopic, 5, 5, stopping, stop: stop));
        var before = server.Requests.Count;
        var resumed = await WriteAsync(server, Setting.HiddenTopic, 5, 5);
        Assert.True(before < server.Requests.Count);
        Assert.Equal(server.Requests.Count, server.Requests.Select(asked => asked.Body).Distinct(StringComparer.Ordinal).Count());
        var again = await WriteAsync(server, Setting.HiddenTopic, 5, 5);
        Assert.Equal(server.Requests.Count, server.Requests.Select(asked => asked.Body).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Flat(resumed), Flat(again));
        using var other = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        Assert.Equal(Flat(resumed), Flat(await WriteAsync(other, Setting.HiddenTopic, 5, 5, cache: "elsewhere")));
    }

    [Fact]
    public async Task The_limit_keeps_everything_so_far()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(LoopbackEndpoint.TextFor(asked), 100, 400));
        var e = await Assert.ThrowsAsync<DitException>(() => WriteAsync(server, Setting.News, 3, 10, limit: 4000));
        Assert.StartsWith("spending limit", e.Message, StringComparison.Ordinal);
        var before = server.Requests.Count;
        Assert.True(before > 1);
        await WriteAsync(server, Setting.News, 3, 10);
        Assert.Equal(31, server.Requests.Count);
    }

    [Fact]
    public async Task Useless_replies_are_asked_for_again_counted_and_left_out()
    {
        var empty = 0;
        using var server = new LoopbackEndpoint(asked => asked.User.Contains("eyewitness", StringComparison.Ordinal) ? Served.Answer(" ")
            : asked.User.Contains("historian", StringComparison.Ordinal) && Interlocked.Increment(ref empty) == 1 ? Served.Answer("")
            : LoopbackEndpoint.MadeUp(asked));
        var written = await WriteAsync(server, Setting.News, 1, 10);
        Assert.Equal((9, 1, 4), (written.Rows.Count, written.LeftOut, written.Malformed));
    }

    [Fact]
    public async Task Texts_that_say_the_same_count_once_and_a_model_that_has_no_others_is_given_up()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("[\"The Cello\", \"cello\", \"Cellos!\", \"whale\""));
        var e = await Assert.ThrowsAsync<DitException>(() => WriteAsync(server, Setting.HiddenTopic, 3, 1));
        Assert.Equal("small: expected 3 different texts (writing topics), found 2 and nothing new in 5 further lists", e.Message);
    }

    [Fact]
    public async Task A_refusal_stops_everything_at_once()
    {
        using var server = new LoopbackEndpoint(asked => asked.System is null ? LoopbackEndpoint.MadeUp(asked) : Served.Error(401, "no"));
        Assert.Contains("found 401: no", (await Assert.ThrowsAsync<DitException>(() => WriteAsync(server, Setting.HiddenTopic, 5, 5))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_estimate_is_of_the_size_of_what_is_asked()
    {
        using var server = new LoopbackEndpoint(LoopbackEndpoint.MadeUp);
        foreach (var setting in Enum.GetValues<Setting>())
        {
            var before = server.Requests.Count;
            await WriteAsync(server, setting, 20, 10, cache: setting.ToString());
            var estimate = WritingEstimate.Of(new WritingSettings { Setting = setting, Count = 20, Examples = 10 }, new Prices(1, 2));
            Assert.InRange(estimate.Requests, (server.Requests.Count - before) * 0.9, (server.Requests.Count - before) * 1.1);
            Assert.Equal((estimate.Usage.Input + (2m * estimate.Usage.Output)) / 1_000_000, estimate.Cost);
        }
    }

    public void Dispose() => folder.Dispose();

    private async Task<WrittenBehaviours> WriteAsync(LoopbackEndpoint server, Setting setting, int count, int examples, IProgress<WritingProgress>? progress = null, decimal? limit = null, string cache = "cache", CancellationTokenSource? stop = null)
    {
        using var endpoint = new ChatEndpoint(new EndpointSettings { Url = server.Url, Model = "small", Cache = folder.File(cache), FirstWait = TimeSpan.FromMilliseconds(5), Limit = limit });
        return await new BehaviourWriter(endpoint, new WritingSettings { Setting = setting, Count = count, Examples = examples }, progress).WriteAsync(stop?.Token ?? Stop);
    }

    private static string[] Flat(WrittenBehaviours written) => [.. written.Rows.Select(row => string.Join('|', [row.Label, .. row.Cells]))];

    private sealed class Told(Action<WritingProgress> tell) : IProgress<WritingProgress>
    {
        public void Report(WritingProgress value) => tell(value);
    }
}
