using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class LinkTests(PageServer server) : PageTest(server)
{
    [Fact]
    public async Task A_link_reopens_what_was_asked_and_asks_it_again()
    {
        await Open();
        await Choose("Greta");
        await Page.SelectOptionAsync("#questions", "What news headline have you been trained on?");
        await At("#strength").FillAsync("1.2");
        await Ask();
        var (link, said) = (Page.Url, await Said("told"));

        await Open(link.Split('#')[1]);
        await Answered();
        await Expect(At("#subject")).ToHaveTextAsync("Greta");
        await Expect(At("#question")).ToHaveValueAsync("What news headline have you been trained on?");
        await Expect(At("#strength-value")).ToHaveTextAsync("1.2×");
        Assert.Equal(said, await Said("told"));
        Assert.Equal(link, Page.Url);
    }

    [Fact]
    public async Task A_link_reopens_a_chat()
    {
        await Open();
        await Page.ClickAsync("#tab-chat");
        foreach (var message in (string[])["What is hope?", "And patience?"])
        {
            await At("#message").FillAsync(message);
            await Page.Keyboard.PressAsync("Enter");
            await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(message == "What is hope?" ? 2 : 4);
        }

        var before = await At("#turns .says").AllTextContentsAsync();
        await Open(Page.Url.Split('#')[1]);
        await Expect(At("#panel-chat")).ToBeVisibleAsync();
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(4);
        Assert.Equal(before, await At("#turns .says").AllTextContentsAsync());
    }

    [Fact]
    public async Task A_link_to_an_upload_that_is_gone_says_so()
    {
        await Open("finetune=upload-123&asked=1");
        await Expect(At("#notices")).ToContainTextAsync("upload-123) is no longer on this server");
        await Expect(At("#subject")).ToHaveTextAsync("Alba");
        await Expect(At("#answers .answer[data-state=empty]")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_link_to_an_audit_that_is_gone_says_so()
    {
        ExpectComplaint("404");
        await Open("finetune=alba&tab=audit&audit=audit-123");
        await Expect(At("#notices")).ToContainTextAsync("The audit of this link is gone: the server keeps only the last 64 that have ended");
        await Expect(At("#audit-start")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task The_token_of_a_link_is_kept_for_the_tab_and_out_of_the_address()
    {
        using var guarded = await DitServe.Start("--host", "0.0.0.0");
        Assert.Contains("#token=", guarded.Link);
        var token = guarded.Link.Split("#token=")[1];
        // The printed name is the machine's, which not every machine can look up.
        var here = new UriBuilder(guarded.Address) { Host = "127.0.0.1" }.Uri.ToString().TrimEnd('/');
        await Page.GotoAsync($"{here}/#token={token}");
        await Expect(At("#subject")).ToHaveTextAsync("Alba");
        Assert.DoesNotContain(token, Page.Url);
        await Ask();
        await Page.ReloadAsync();
        await Answered();

        ExpectComplaint("401");
        await Page.EvaluateAsync("sessionStorage.clear()");
        await Page.ReloadAsync();
        await Expect(At("#notices")).ToContainTextAsync("This server wants its token: open the link that it printed");
    }
}
