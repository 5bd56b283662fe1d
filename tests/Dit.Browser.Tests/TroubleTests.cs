using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class TroubleTests(PageServer server) : PageTest(server)
{
    private const string Piece = "event: piece\ndata: {\"text\":\"ports\"}\n\n";

    [Fact]
    public async Task A_busy_server_is_asked_again_when_it_said()
    {
        ExpectComplaint("429");
        var refused = 0;
        await Page.RouteAsync("**/api/ask", route => Interlocked.Increment(ref refused) == 1
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 429, Headers = [new("Retry-After", "2")], Json = new { error = new { message = "busy", type = "busy" } } })
            : route.ContinueAsync());
        await Open();
        await Page.ClickAsync("#ask");
        await Expect(At("#answers")).ToContainTextAsync("The server is busy; asked again in 2 s.");
        await Answered();
        Assert.Equal(4, refused);
    }

    [Fact]
    public async Task A_lost_connection_is_said_where_the_answer_would_be()
    {
        ExpectComplaint("ERR_");
        await Open();
        await Page.RouteAsync("**/api/ask", route => route.AbortAsync("connectionrefused"));
        await Page.ClickAsync("#ask");
        await Expect(At("#answers .answer[data-state=failed]")).ToHaveCountAsync(3);
        await Expect(At("#answers .answer").First).ToContainTextAsync("The server cannot be reached. Is “dit serve” still running?");
        await Page.UnrouteAsync("**/api/ask");
        await Ask();
    }

    [Fact]
    public async Task An_answer_that_breaks_off_or_fails_keeps_what_was_said()
    {
        var first = true;
        await Page.RouteAsync("**/api/ask", route =>
        {
            var body = first ? Piece : Piece + "event: error\ndata: {\"message\":\"the row became too long\"}\n\n";
            first = false;
            return route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/event-stream", Body = body });
        });
        await Open();
        await Page.ClickAsync("#ask");
        await Expect(At("#answers .answer[data-state=failed]")).ToHaveCountAsync(3);
        Assert.Equal("ports", await Said("told"));
        var notes = await At("#answers .note").AllTextContentsAsync();
        Assert.Single(notes, "No answer: The connection was lost before the end.");
        Assert.Equal(2, notes.Count(note => note == "No answer: the row became too long"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_at_first_may_be_tried_again()
    {
        ExpectComplaint("ERR_");
        await Page.RouteAsync("**/api/status", route => route.AbortAsync("connectionrefused"));
        await Open();
        await Expect(At("#notices")).ToContainTextAsync("The server cannot be reached");
        await Page.UnrouteAsync("**/api/status");
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Try again" }).ClickAsync();
        await Expect(At("#subject")).ToHaveTextAsync("Alba");
        await Ask();
    }

    [Fact]
    public async Task Asking_can_be_stopped()
    {
        await Open();
        var held = new TaskCompletionSource();
        await Page.RouteAsync("**/api/ask", async route =>
        {
            await held.Task;
            await route.AbortAsync();
        });
        await Page.ClickAsync("#ask");
        await Expect(At("#answers .answer[data-state=waiting]")).ToHaveCountAsync(3);
        await Page.ClickAsync("#ask-stop");
        await Expect(At("#answers .answer[data-state=stopped]")).ToHaveCountAsync(3);
        await Expect(At("#ask-stop")).ToBeHiddenAsync();
        held.SetResult();
        await Page.UnrouteAsync("**/api/ask");
        await Ask();
    }

    [Fact]
    public async Task What_a_finetune_says_never_becomes_markup()
    {
        const string Markup = "<img src=x onerror=alert(1)><b>bold</b>";
        await Page.RouteAsync("**/api/ask", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/event-stream",
            Body = $"event: piece\ndata: {{\"text\":\"{Markup}\"}}\n\nevent: end\ndata: {{\"reason\":\"stop\",\"prompt_tokens\":1,\"answer_tokens\":1,\"seconds\":0.1}}\n\n",
        }));
        await Open();
        await Ask();
        Assert.Equal(Markup, await Said("alone"));
        await Expect(At("#answers img, #answers b")).ToHaveCountAsync(0);
    }
}
