using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

/// <summary>A test in a window of its own. Whatever the browser complains of meanwhile fails it: errors of scripts, and what the page's policy forbids.</summary>
[Collection(BrowserTests.Name)]
public abstract class PageTest(PageServer server) : IAsyncLifetime
{
    /// <summary>The machine may be busy with much else.</summary>
    protected const int Patience = 60_000;

    private readonly List<string> complaints = [];
    private readonly List<string> expected = [];
    private IBrowserContext? window;

    /// <summary>The window's page.</summary>
    protected IPage Page { get; private set; } = null!;

    /// <summary>Where the page is.</summary>
    protected string Address => server.Address;

    /// <summary>How the window looks; before it is opened.</summary>
    protected virtual BrowserNewContextOptions Window => new() { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } };

    public async ValueTask InitializeAsync()
    {
        if (server.Browser is null)
        {
            Assert.Skip("There is no chromium on this machine; tests/browser.sh --install installs it on Debian.");
        }

        window = await server.Browser.NewContextAsync(Window);
        window.SetDefaultTimeout(Patience);
        SetDefaultExpectTimeout(Patience);
        Page = await window.NewPageAsync();
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Add($"{message.Text} ({message.Location})");
            }
        };
        Page.PageError += (_, error) => complaints.Add(error);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (window is null)
        {
            return;
        }

        await window.DisposeAsync();
        Assert.DoesNotContain(complaints, complaint => !expected.Any(complaint.Contains));
    }

    /// <summary>Opens the page, as a link with this after the # does.</summary>
    protected async Task Open(string link = "", string? address = null)
    {
        // Going to another # of the same page would not load it.
        await Page.GotoAsync("about:blank");
        await Page.GotoAsync((address ?? Address) + "/" + (link.Length > 0 ? "#" + link : ""));
        await Expect(Page.Locator("#subject")).Not.ToHaveTextAsync("Loading…");
    }

    /// <summary>The browser will complain so, and is meant to: it reports failed requests itself.</summary>
    protected void ExpectComplaint(string part) => expected.Add(part);

    /// <summary>Presses Ask and waits until all three have answered.</summary>
    protected async Task Ask()
    {
        await Page.ClickAsync("#ask");
        await Answered();
    }

    /// <summary>Waits until all three have answered and it is said how sure that is.</summary>
    protected async Task Answered()
    {
        await Expect(Page.Locator("#answers .answer[data-state=done]")).ToHaveCountAsync(3);
        await Expect(Page.Locator("#sureness-body .verdict")).ToBeVisibleAsync();
    }

    /// <summary>What a column says.</summary>
    /// <param name="kind">alone, told or control.</param>
    protected async Task<string> Said(string kind) => (await Page.Locator($"#answers .answer[data-kind={kind}] .says").TextContentAsync())!.Trim();

    /// <summary>Chooses a card.</summary>
    protected Task Choose(string name) => Page.Locator(".card label").Filter(new LocatorFilterOptions { HasText = name }).ClickAsync();

    /// <summary>What the API answers to a GET.</summary>
    protected async Task<JsonElement> Get(string path) => (await (await Page.APIRequest.GetAsync(Address + path)).JsonAsync())!.Value;

    /// <summary>An element of the page.</summary>
    protected ILocator At(string selector) => Page.Locator(selector);
}
