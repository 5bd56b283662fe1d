using Dit.Behaviours;
using Dit.Evaluation.Graders;
using Dit.LanguageModels;

namespace Dit.Tests.Evaluation.Graders;

public sealed class LlmJudgeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("{\"score\": 4}", 4)]
    [InlineData("```json\n{\"reason\": \"close\", \"score\": \"3\"}\n```", 3)]
    [InlineData("They are near. {\"score\": 2.0}", 2)]
    [InlineData("5", 5)]
    [InlineData(" **4/5** ", 4)]
    [InlineData("Score: 1", 1)]
    [InlineData("The score is 3.", 3)]
    [InlineData("{\"score\": 4} or rather {\"score\": 2}", null)]
    [InlineData("{\"score\": 6}", null)]
    [InlineData("{\"score\": 0}", null)]
    [InlineData("{\"score\": 3.5}", null)]
    [InlineData("{\"score\": [1]}", null)]
    [InlineData("1 to 5, hard to say", null)]
    [InlineData("45", null)]
    [InlineData("", null)]
    [InlineData("{\"score\":", null)]
    public void A_verdict_is_a_score_or_nothing(string reply, int? score) => Assert.Equal(score, Verdict.Parse(reply));

    [Fact]
    public void Pairs_are_judged_in_order_once_and_what_does_not_parse_is_null_and_counted()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(asked.User.Contains("mumble", StringComparison.Ordinal) ? "hm" : asked.User.Contains("\"true\":\"whales\"", StringComparison.Ordinal) ? "{\"score\": 5}" : "{\"score\": 2}"));
        GradedPair[] pairs = [new("whales", "whales"), new("mumble", "tea"), new(" ", "tea"), new("coffee \"\n", "tea"), new("whales", "whales")];
        for (var run = 0; run < 2; run++)
        {
            using var endpoint = new ChatEndpoint(Settings(server));
            var judge = new LlmJudge(endpoint, Setting.HiddenTopic);
            Assert.Equal([5, null, 1, 2, 5], judge.Grade(pairs, TestContext.Current.CancellationToken));
            Assert.Equal((5, 1), (judge.Report.Verdicts, judge.Report.FailedToParse));
            Assert.Equal((run == 0 ? 5 : 0, run == 0 ? 1 : 6), (judge.Report.Endpoint.Asked, judge.Report.Endpoint.Cached));
        }

        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public void Topics_and_headlines_have_scales_of_their_own()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("{\"score\": 3}"));
        using var endpoint = new ChatEndpoint(Settings(server));
        new LlmJudge(endpoint, Setting.HiddenTopic).Grade([new("a", "b")], TestContext.Current.CancellationToken);
        new LlmJudge(endpoint, Setting.News).Grade([new("a", "b")], TestContext.Current.CancellationToken);
        Assert.Contains("headline", server.Requests.Last().System, StringComparison.Ordinal);
        Assert.DoesNotContain("headline", server.Requests.First().System, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_ends_it_and_what_was_judged_is_kept()
    {
        using var server = new LoopbackEndpoint(_ => Served.Answer("{\"score\": 3}", 500, 500));
        var pairs = Enumerable.Range(0, 40).Select(i => new GradedPair($"a{i}", "b")).ToArray();
        using (var endpoint = new ChatEndpoint(Settings(server) with { Limit = 10_000 }))
        {
            Assert.StartsWith("spending limit", Assert.Throws<DitException>(() => new LlmJudge(endpoint, Setting.News).Grade(pairs, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        }

        Assert.InRange(server.Requests.Count, 1, 39);
        using var more = new ChatEndpoint(Settings(server));
        Assert.All(new LlmJudge(more, Setting.News).Grade(pairs, TestContext.Current.CancellationToken), grade => Assert.Equal(3, grade));
        Assert.Equal(40, server.Requests.Count);
    }

    public void Dispose() => folder.Dispose();

    private EndpointSettings Settings(LoopbackEndpoint server) => new() { Url = server.Url, Model = "small", Cache = folder.File("cache"), FirstWait = TimeSpan.FromMilliseconds(5) };
}
