using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

/// <summary>How it looks, on a phone, in light and dark; and for those who do not look at it at all.</summary>
public sealed class LookTests(PageServer server) : PageTest(server)
{
    private static readonly string Checks = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "checks.js"));

    /// <summary>What has the focus has an outline, or, of a card, its label.</summary>
    private const string FocusIsSeen =
        """
        () => {
          const outlined = element => element && getComputedStyle(element).outlineStyle !== 'none';
          return document.activeElement === document.body || outlined(document.activeElement) || outlined(document.activeElement.nextElementSibling);
        }
        """;

    [Fact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen()
    {
        await Page.SetViewportSizeAsync(360, 740);
        await Open();
        await Ask();
        await Page.ClickAsync("summary");
        await Narrow();
        await Page.ClickAsync("#tab-chat");
        await At("#message").FillAsync("A very long word follows: " + new string('x', 200));
        await Page.CheckAsync("#chat-adapter");
        await Page.Keyboard.PressAsync("Enter");
        await Page.ClickAsync("#send", new PageClickOptions { Force = true });
        await Expect(At("#turns .answer").First).ToBeVisibleAsync();
        await Narrow();
        await Page.ClickAsync("#tab-audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        await Narrow();

        async Task Narrow() => Assert.Equal(360, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData(390, 844)]
    [InlineData(360, 640)]
    public async Task On_a_phone_the_Ask_button_is_on_screen_when_a_finetune_is_chosen(int width, int height)
    {
        await Page.SetViewportSizeAsync(width, height);
        await Open();
        if (height == 844)
        {
            await Expect(At("#ask")).ToBeInViewportAsync(new LocatorAssertionsToBeInViewportOptions { Ratio = 1 });
        }

        await Choose("Bruno");
        await Expect(At("#subject")).ToHaveTextAsync("Bruno");
        await Expect(At("#ask")).ToBeInViewportAsync(new LocatorAssertionsToBeInViewportOptions { Ratio = 1 });
    }

    [Fact]
    public async Task What_needs_the_script_cannot_be_pressed_before_it_is_there()
    {
        var release = new TaskCompletionSource();
        await Page.RouteAsync("**/page/main.js", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await Page.GotoAsync(Address, new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await Expect(At("[role=tab]:disabled")).ToHaveCountAsync(3);
        await Expect(At("#audit-start")).ToBeDisabledAsync();
        release.SetResult();
        await Expect(At("[role=tab]:enabled")).ToHaveCountAsync(3);
        await Page.ClickAsync("#tab-audit");
        await Expect(At("#audit-start")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task It_is_dark_where_the_system_is_and_as_the_visitor_chooses()
    {
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await Open();
        Assert.True(await Lightness() < 60);
        await Page.ClickAsync("#theme");
        Assert.True(await Lightness() > 200);
        await Page.ReloadAsync();
        await Expect(At("#theme")).ToHaveTextAsync("☾ Dark");
        Assert.True(await Lightness() > 200);

        async Task<int> Lightness() => int.Parse((await Page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor")).Split('(', ',')[1]);
    }

    [Fact]
    public async Task Whoever_wants_no_motion_gets_none()
    {
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        await Page.RouteAsync("**/api/ask", _ => { });
        await Open();
        await Page.ClickAsync("#ask");
        await Expect(At("#answers .answer[data-state=waiting]")).ToHaveCountAsync(3);
        Assert.Equal(0, await Page.EvaluateAsync<int>("document.getAnimations().length"));
    }

    [Fact]
    public async Task Everything_works_with_the_keyboard_alone()
    {
        await Open();
        Assert.Equal("skip", await Page.EvaluateAsync<string>("document.querySelector('a[href], button, input, select, [tabindex]').id"));
        await At("#skip").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(At("#work")).ToBeFocusedAsync();

        await At("#finetune-alba").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Expect(At("#subject")).ToHaveTextAsync("Bruno");
        await Page.Keyboard.PressAsync("Enter");
        await Answered();
        Assert.Equal("nothing was changed", await Said("told"));

        await At(".map .cell[tabindex='0']").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowRight");
        await Page.Keyboard.PressAsync("ArrowDown");
        await Expect(At(".map .cell:focus")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("^k, layer 1: ", default, TimeSpan.FromSeconds(1)));
        await Expect(At(".readout")).ToContainTextAsync("k, layer 1");

        await At("#tab-ask").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowRight");
        await Expect(At("#tab-chat")).ToBeFocusedAsync();
        await Expect(At("#panel-chat")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("End");
        await Expect(At("#panel-audit")).ToBeVisibleAsync();

        // Wherever Tab leads, it is seen.
        await At("#skip").FocusAsync();
        for (var i = 0; i < 25; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            Assert.True(await Page.EvaluateAsync<bool>(FocusIsSeen), await Page.EvaluateAsync<string>("document.activeElement.outerHTML"));
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Names_contrast_headings_and_references_are_in_order(ColorScheme scheme)
    {
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        await Open();
        await Check("first");
        await Page.ClickAsync("[data-guess=hides]");
        await Ask();
        await Page.ClickAsync("summary");
        await At("#files-input").SetInputFilesAsync(new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = [1] });
        ExpectComplaint("status of 4");
        await Expect(At("#upload-error")).ToBeVisibleAsync();
        await Check("asked");
        await Page.ClickAsync("#tab-chat");
        await At("#message").FillAsync("What is hope?");
        await Page.ClickAsync("#send");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(2);
        await Check("chat");
        await Page.ClickAsync("#tab-audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        await Check("audit");

        async Task Check(string where) => Assert.Empty((await Page.EvaluateAsync<string[]>(Checks)).Select(found => $"{where}: {found}"));
    }

    [Fact]
    public async Task Screen_readers_are_told_of_answers_when_they_are_whole()
    {
        await Open();
        await Page.EvaluateAsync("window.heard = []; new MutationObserver(() => heard.push(document.getElementById('announcer').textContent)).observe(document.getElementById('announcer'), { childList: true, characterData: true, subtree: true })");
        await Ask();
        var heard = await Page.EvaluateAsync<string[]>("heard");
        Assert.InRange(heard.Length, 4, 8);
        Assert.Contains("Finetune + adapter: acoustics", heard.Select(each => each.Trim()));
    }

    [Fact]
    public async Task The_norm_map_and_its_table_say_what_the_server_measured()
    {
        await Open();
        var diff = await Get("/api/finetunes/alba/diff");
        var sites = diff.GetProperty("sites").EnumerateArray().Select(site => site.GetProperty("site").GetString()!).ToArray();
        await Expect(At(".map [role=gridcell]")).ToHaveCountAsync(diff.GetProperty("base_sites").GetArrayLength());
        await Expect(At(".map .cell:not(.unchanged)")).ToHaveCountAsync(sites.Length);
        await Expect(At("#normmap")).Not.ToContainTextAsync("null");
        await Page.ClickAsync("summary");
        Assert.Equal(sites, await At("#normmap tbody th").AllTextContentsAsync());
        foreach (var finding in diff.GetProperty("findings").EnumerateArray())
        {
            await Expect(At("#normmap")).ToContainTextAsync(finding.GetProperty("sentence").GetString()!);
        }
    }
}
