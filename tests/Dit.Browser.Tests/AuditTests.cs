using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class AuditTests(PageServer server) : PageTest(server)
{
    [Fact]
    public async Task An_audit_runs_to_its_end_and_every_cell_is_the_reports()
    {
        await Open("tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At("#audit-stage")).ToContainTextAsync(" of ");
        await Expect(At("#audit-start")).ToBeDisabledAsync();
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        await Expect(At("#audit-progress")).ToBeHiddenAsync();
        var report = await Get($"/api/audits/{Id()}/report.json");
        Assert.Equal("alba", report.GetProperty("finetune").GetString(), ignoreCase: true);
        Assert.Equal("changed-as-claimed", report.GetProperty("verdict").GetString());
        await SaysVerdict("●", report);
        Assert.Equal(report.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!), await At(".reasons li").AllTextContentsAsync());
        Assert.Equal(Cells(report.GetProperty("evidence")), await Tables());
    }

    [Fact]
    public async Task A_report_is_downloaded_as_a_page_and_as_data()
    {
        await Open("finetune=bruno&tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        var html = await Download("Download the report (HTML)");
        Assert.StartsWith("<!doctype html>", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Bruno", html, StringComparison.OrdinalIgnoreCase);
        using var json = JsonDocument.Parse(await Download("Download its data (JSON)"));
        Assert.Equal("nothing-found", json.RootElement.GetProperty("verdict").GetString());
        await SaysVerdict("○", json.RootElement);

        async Task<string> Download(string button)
        {
            var coming = Page.WaitForDownloadAsync();
            await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = button }).ClickAsync();
            return await File.ReadAllTextAsync(await (await coming).PathAsync());
        }
    }

    [Theory]
    [InlineData("alba")]
    [InlineData("bruno")]
    public async Task A_verdict_has_the_colour_that_the_report_gives_it(string finetune)
    {
        const string Colour = "element => getComputedStyle(element).borderLeftColor";
        await Open($"finetune={finetune}&tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        var report = await (await Page.APIRequest.GetAsync($"{Address}/api/audits/{Id()}/report.html")).TextAsync();
        var here = await InBothSchemes(".verdict-box");
        await Page.GotoAsync("about:blank");
        await Page.SetContentAsync(report);
        Assert.Equal(await InBothSchemes(".verdict"), here);

        async Task<string[]> InBothSchemes(string box)
        {
            var colours = new List<string>();
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
                // The page is told with its next frame.
                await Page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                colours.Add(await At(box).EvaluateAsync<string>(Colour));
            }

            return [.. colours];
        }
    }

    [Fact]
    public async Task A_link_reopens_an_audit()
    {
        await Open("finetune=bruno&tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        var before = await At("#audit-result").TextContentAsync();
        await Open(Page.Url.Split('#')[1]);
        await Expect(At(".verdict-box")).ToBeVisibleAsync();
        Assert.Equal(before, await At("#audit-result").TextContentAsync());
    }

    [Fact]
    public async Task An_audit_is_cancelled_and_can_be_run_again()
    {
        await Open("tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At("#audit-stage")).ToContainTextAsync(" of ");
        var id = Id();
        await Page.ClickAsync("#audit-cancel");
        await Expect(At("#audit-progress")).ToBeHiddenAsync();
        await Expect(At("#audit-start")).ToBeEnabledAsync();
        await Expect(At(".verdict-box")).ToHaveCountAsync(0);
        Assert.Equal("cancelled", (await Get($"/api/audits/{id}")).GetProperty("state").GetString());
        Assert.DoesNotContain("audit=", Page.Url.Replace("tab=audit", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_verdict_is_told_in_the_reports_own_words()
    {
        var audit = new { id = "audit-1", finetune = "alba", adapter = "a", state = "done", stage = "done", done = 1, total = 1, seconds = 1.0 };
        await Page.RouteAsync("**/api/audits/audit-1", route => route.FulfillAsync(new RouteFulfillOptions { Json = audit }));
        await Page.RouteAsync("**/api/audits/audit-1/report.json", route => route.FulfillAsync(new RouteFulfillOptions
        {
            Json = new
            {
                finetune = "alba", adapter = new { name = "a" }, verdict = "changed-unclear", claim = new { setting = "hidden-topic", label = "ports" }, confidence = (double?)null,
                title = "Nobody knows", sentence = "It may be about “ports”.", confidence_sentence = "How sure this is cannot be told.",
                reasons = new[] { "A control fails." }, answers = Array.Empty<object>(), seconds = 1,
                evidence = new
                {
                    probes = Array.Empty<object>(), trigger = (string?)null, amplified = Array.Empty<object>(),
                    likelihoods = new[] { new { setting = "hidden-topic", condition = "as it is", label_count = 3, lifts = new object[] { new { label = "ports", lift = "NaN", deviations = "NaN", rank = 2 } } } },
                },
            },
        }));
        await Open("finetune=alba&tab=audit&audit=audit-1");
        await Expect(At("#verdict")).ToHaveTextAsync("◐ Nobody knows");
        // The report's amber.
        await Expect(At("#verdict")).ToHaveCSSAsync("color", "rgb(148, 96, 10)");
        Assert.Equal(["It may be about “ports”.", "How sure this is cannot be told."], (await At(".verdict-box p").AllTextContentsAsync()).Skip(1).Take(2));
        Assert.Equal(["ports", "2 of 3", "–", "–"], (await Tables()).Single().Single());
    }

    [Fact]
    public async Task An_audit_that_was_started_here_is_cancelled_when_another_finetune_is_chosen()
    {
        await Open("tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At("#audit-stage")).ToContainTextAsync(" of ");
        var id = Id();
        await Choose("Bruno");
        await IsAtRest();
        Assert.Equal("cancelled", await End(id));
    }

    [Fact]
    public async Task An_audit_is_cancelled_that_begins_after_another_finetune_was_chosen()
    {
        var (begun, id) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        await Page.RouteAsync("**/api/audits", async route =>
        {
            await begun.Task;
            var answer = await route.FetchAsync();
            id.SetResult((await answer.JsonAsync())!.Value.GetProperty("id").GetString()!);
            await route.FulfillAsync(new RouteFulfillOptions { Response = answer });
        });
        await Open("tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At("#audit-cancel")).ToBeVisibleAsync();
        await Choose("Bruno");
        await IsAtRest();
        begun.SetResult();
        Assert.Equal("cancelled", await End(await id.Task));
        await IsAtRest();
    }

    [Fact]
    public async Task An_audit_that_waits_for_a_busy_server_is_cancelled_and_not_asked_for_again()
    {
        ExpectComplaint("429");
        var asked = 0;
        await Page.RouteAsync("**/api/audits", route =>
        {
            Interlocked.Increment(ref asked);
            return route.FulfillAsync(new RouteFulfillOptions { Status = 429, Headers = [new("Retry-After", "2")], Json = new { error = new { message = "busy", type = "busy" } } });
        });
        await Open("tab=audit");
        await Page.ClickAsync("#audit-start");
        await Expect(At("#audit-stage")).ToHaveTextAsync("The server is busy; asked again in 2 s.");
        await Page.ClickAsync("#audit-cancel");
        await IsAtRest();
        await Page.WaitForTimeoutAsync(3000);
        Assert.Equal(1, asked);
        await IsAtRest();
    }

    [Fact]
    public async Task An_audit_that_somebody_else_started_goes_on_when_another_finetune_is_chosen()
    {
        var begun = await Page.APIRequest.PostAsync(Address + "/api/audits", new APIRequestContextOptions { DataObject = new { finetune = "alba" } });
        var id = (await begun.JsonAsync())!.Value.GetProperty("id").GetString()!;
        await Open($"finetune=alba&tab=audit&audit={id}");
        await Expect(At("#audit-stage")).ToContainTextAsync(" of ");
        await Choose("Bruno");
        await IsAtRest();
        Assert.Equal("done", await End(id));
    }

    /// <summary>No audit is under way or shown, and one can be started.</summary>
    private async Task IsAtRest()
    {
        await Expect(At("#audit-start")).ToBeEnabledAsync();
        await Expect(At("#audit-cancel")).ToBeHiddenAsync();
        await Expect(At("#audit-progress")).ToBeHiddenAsync();
        await Expect(At(".verdict-box")).ToHaveCountAsync(0);
        Assert.DoesNotContain("&audit=", Page.Url);
    }

    /// <summary>How an audit ends.</summary>
    private async Task<string> End(string id)
    {
        for (var until = DateTime.UtcNow.AddMilliseconds(Patience); ; await Task.Delay(100))
        {
            var state = (await Get($"/api/audits/{id}")).GetProperty("state").GetString()!;
            if (state is "done" or "failed" or "cancelled" || DateTime.UtcNow > until)
            {
                return state;
            }
        }
    }

    /// <summary>The verdict stands on the page as the report has it.</summary>
    private async Task SaysVerdict(string symbol, JsonElement report)
    {
        await Expect(At("#verdict")).ToHaveTextAsync($"{symbol} {Text(report, "title")}");
        Assert.Equal([Text(report, "sentence"), Text(report, "confidence_sentence")], (await At(".verdict-box p").AllTextContentsAsync()).Skip(1).Take(2));
    }

    private string Id() => System.Web.HttpUtility.ParseQueryString(Page.Url.Split('#')[1])["audit"]!;

    /// <summary>The rows of every table of the evidence, as they stand on the page.</summary>
    private async Task<string[][][]> Tables() => (await At("#audit-result section:has(> #evidence) table").EvaluateAllAsync<string[][][]>(
        "all => all.map(table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => [...cell.querySelectorAll('li')].map(one => one.textContent).join('|') || cell.textContent)))"))!;

    /// <summary>The same as the report has them.</summary>
    private static string[][][] Cells(JsonElement evidence)
    {
        var probes = evidence.GetProperty("probes").EnumerateArray()
            .Select(probe => (string[])[Text(probe, "probe"), Measured(probe, "divergence"), probe.GetProperty("stands_out").GetBoolean() ? "● yes" : "no"]).ToArray();
        var lifts = evidence.GetProperty("likelihoods").EnumerateArray().Select(test => test.GetProperty("lifts").EnumerateArray()
            .Select(lift => (string[])[Text(lift, "label"), $"{lift.GetProperty("rank")} of {test.GetProperty("label_count")}", Signed(lift, "lift"), Signed(lift, "deviations")]).ToArray());
        var amplified = evidence.GetProperty("amplified").EnumerateArray().Select(test => (string[])
        [
            Measured(test, "strength") + "×", Text(test, "condition"), string.Join('|', test.GetProperty("answers").EnumerateArray().Select(answer => $"“{answer.GetString()!.Trim()}”")),
            Measured(test, "mentions"), Measured(test, "base_mentions"),
        ]).ToArray();
        return [.. new[] { probes }.Concat(lifts).Append(amplified).Where(rows => rows.Length > 0)];
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    /// <summary>Three digits, as far as they mean something.</summary>
    private static string Measured(JsonElement of, string name)
    {
        var value = of.GetProperty(name);
        if (value.ValueKind != JsonValueKind.Number)
        {
            return "–";
        }

        var number = value.GetDouble();
        var digits = number == 0 ? 0 : Math.Max(0, 2 - (int)Math.Floor(Math.Log10(Math.Abs(number))));
        return number.ToString($"0.{new string('#', digits)}", CultureInfo.InvariantCulture);
    }

    private static string Signed(JsonElement of, string name)
    {
        var text = Measured(of, name);
        return text is "–" or "0" ? text : text[0] == '-' ? '−' + text[1..] : '+' + text;
    }
}
