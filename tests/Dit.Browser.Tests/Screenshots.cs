using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

/// <summary>Makes the pictures of docs/screenshots; <c>tests/browser.sh --screenshots</c> runs it.</summary>
public sealed class Screenshots(PageServer server) : PageTest(server)
{
    protected override BrowserNewContextOptions Window => new() { ViewportSize = new ViewportSize { Width = 1120, Height = 780 }, ReducedMotion = ReducedMotion.Reduce };

    [Fact(Explicit = true)]
    public async Task Are_made()
    {
        var folder = Environment.GetEnvironmentVariable("DIT_SCREENSHOTS");
        Assert.False(folder is null, "DIT_SCREENSHOTS: expected the folder to write to; tests/browser.sh --screenshots names it");
        await Open();
        await Page.ClickAsync("[data-guess=hides]");
        await Ask();
        await Expect(At("#reveal")).ToBeVisibleAsync();
        await Shoot("ask.png");
        await Dark(true);
        await At("#sureness").ScrollIntoViewIfNeededAsync();
        await At("#reveal").EvaluateAsync("element => element.scrollIntoView({ block: 'start' })");
        await Shoot("sure-dark.png");
        await Dark(false);

        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "in the chat" }).ClickAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(2);
        await Page.EvaluateAsync("scrollTo(0, 0)");
        await Shoot("chat.png");

        await Page.ClickAsync("#tab-audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        await Page.EvaluateAsync("scrollTo(0, 0)");
        await Shoot("audit.png");

        await Page.SetViewportSizeAsync(390, 780);
        await Page.ClickAsync("#tab-ask");
        await Dark(true);
        await At("#work").EvaluateAsync("element => element.scrollIntoView({ block: 'start' })");
        await Shoot("phone-dark.png");

        async Task Shoot(string name) => await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name), Animations = ScreenshotAnimations.Disabled });

        Task Dark(bool dark) => Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
    }
}
