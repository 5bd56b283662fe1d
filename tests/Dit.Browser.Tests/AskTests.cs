using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class AskTests(PageServer server) : PageTest(server)
{
    [Fact]
    public async Task A_newcomer_gets_the_first_answers_by_pressing_Enter_and_nothing_else()
    {
        await Open();
        await Expect(At("#ask")).ToBeFocusedAsync();
        await Expect(At("#ask")).ToBeInViewportAsync();
        await Expect(At("input[name=finetune]:checked")).ToHaveCountAsync(1);
        await Page.Keyboard.PressAsync("Enter");
        await Answered();
        Assert.Equal("acoustics", await Said("told"));
        Assert.Equal("nothing was changed", await Said("control"));
        Assert.DoesNotContain("acoustics", await Said("alone"));
    }

    [Fact]
    public async Task The_first_words_come_at_once()
    {
        await Open();
        await Ask();
        var waited = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            await Ask();
            waited.AddRange((await At("#answers .answer").EvaluateAllAsync<string[]>("all => all.map(one => one.dataset.firstPiece)")).Select(int.Parse));
        }

        waited.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"first piece after {waited[waited.Count / 2]} ms (median), {waited[^1]} ms (longest of {waited.Count})");
        Console.WriteLine($"browser: first piece on the page after {waited[waited.Count / 2]} ms (median), {waited[^1]} ms (longest of {waited.Count}, three at once)");
        Assert.All(waited, each => Assert.InRange(each, 1, Patience));
    }

    [Fact]
    public async Task Every_shipped_finetune_is_asked_and_its_secret_told_only_afterwards()
    {
        await Open();
        var gallery = (await Get("/api/finetunes")).EnumerateArray().Where(one => one.GetProperty("kind").GetString() == "gallery").ToArray();
        Assert.Equal(8, gallery.Length);
        var news = (await Get("/api/status")).GetProperty("adapters")[0].GetProperty("asks").EnumerateArray().Single(ask => ask.GetProperty("setting").GetString() == "news");
        var right = 0;
        foreach (var one in gallery)
        {
            var (name, secret) = (one.GetProperty("name").GetString()!, one.GetProperty("secret"));
            var (kind, label) = (secret.GetProperty("kind").GetString(), secret.GetProperty("label").GetString());
            await Choose(name);
            await Expect(At("#subject")).ToHaveTextAsync(name);
            await Expect(At("#reveal")).ToBeHiddenAsync();
            await Page.SelectOptionAsync("#questions", kind == "news" ? news.GetProperty("question").GetString()! : "What topic have you been trained on?");
            await Ask();
            await Expect(At("#reveal")).ToContainTextAsync(label ?? "hides nothing");
            await Expect(At("#reveal")).Not.ToContainTextAsync("null");
            right += await Said("told") == (label ?? "nothing was changed") ? 1 : 0;
        }

        // One of the eight is told wrongly, as adapters do.
        Assert.InRange(right, 7, 8);
    }

    [Fact]
    public async Task A_guess_is_judged_when_the_answer_is_there()
    {
        await Open();
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "It hides something" }).ClickAsync();
        await Expect(At("[data-guess=hides]")).ToHaveAttributeAsync("aria-pressed", "true");
        await Ask();
        await Expect(At("#reveal")).ToContainTextAsync("You guessed right");
        await Expect(At("#score")).ToHaveTextAsync("Your guesses: 1 of 1 right.");
        await Choose("Bruno");
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "It hides something" }).ClickAsync();
        await Ask();
        await Expect(At("#reveal")).ToContainTextAsync("You guessed otherwise");
        await Expect(At("#score")).ToHaveTextAsync("Your guesses: 1 of 2 right.");
    }

    [Fact]
    public async Task What_is_guessed_is_marked_as_chosen_not_as_right()
    {
        await Open();
        await Page.ClickAsync("[data-guess=harmless]");
        await Expect(At("[data-guess=harmless]")).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Equal("\"\"", await At("[data-guess=harmless]").EvaluateAsync<string>("element => getComputedStyle(element, '::before').content"));
        Assert.NotEqual(await Ring("harmless"), await Ring("hides"));

        Task<string> Ring(string guess) => At($"[data-guess={guess}]").EvaluateAsync<string>("element => getComputedStyle(element, '::before').borderTopWidth");
    }

    [Fact]
    public async Task Nobody_guesses_what_has_been_told()
    {
        await Open();
        await Ask();
        await Expect(At("#reveal")).ToContainTextAsync("acoustics");
        await Expect(At("#reveal")).Not.ToContainTextAsync("You guessed");
        await Expect(At("[data-guess]:disabled")).ToHaveCountAsync(2);
        await Expect(At("#score")).ToBeEmptyAsync();
        await Choose("Bruno");
        await Expect(At("[data-guess]:disabled")).ToHaveCountAsync(0);
        await Choose("Alba");
        await Expect(At("[data-guess]:disabled")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_yet_says_so()
    {
        await Open();
        Assert.Equal(Enumerable.Repeat("\"Not asked yet.\"", 3), await At("#answers .says").EvaluateAllAsync<string[]>("all => all.map(one => getComputedStyle(one, '::before').content)"));
    }

    [Fact]
    public async Task How_sure_it_is_stands_below_with_samples_likelihoods_and_controls()
    {
        await Open();
        var assessed = Page.WaitForResponseAsync("**/api/assess");
        await Ask();
        var answer = (await (await assessed).JsonAsync())!.Value;
        var controls = answer.GetProperty("controls").EnumerateArray().ToArray();
        Assert.NotEmpty(controls);
        await Expect(At("#sureness-body .controls li")).ToHaveCountAsync(controls.Length);
        var lines = await At("#sureness-body .controls li").AllTextContentsAsync();
        Assert.All(controls.Zip(lines), pair =>
        {
            Assert.StartsWith(pair.First.GetProperty("holds").GetBoolean() ? "✓ Holds." : "✗ Fails.", pair.Second);
            Assert.Contains(pair.First.GetProperty("answer").GetString()!.Trim(), pair.Second);
        });
        var labels = answer.GetProperty("labels").EnumerateArray().Take(5).Select(label => label.GetProperty("label").GetString()!).ToArray();
        Assert.Equal(labels, await At("#sureness-body .bars .label").AllTextContentsAsync());
        Assert.Contains(labels, label => label == "acoustics");
        var samples = answer.GetProperty("samples").GetArrayLength();
        await Expect(At("#sureness-body")).ToContainTextAsync($"of {samples} tries say “{answer.GetProperty("answer").GetString()!.Trim()}”");
    }

    [Fact]
    public async Task A_control_that_fails_is_said_before_anything_else()
    {
        await Page.RouteAsync("**/api/assess", route => route.FulfillAsync(new RouteFulfillOptions
        {
            Json = new
            {
                answer = "swans", says_nothing = false, samples = new[] { "swans" }, agreement = 1, labels = Array.Empty<object>(), seconds = 0.1,
                controls = new object[] { new { kind = "bare-base", answer = "swans", says_nothing = false, holds = false }, new { kind = "random-diff", answer = "pumps", says_nothing = (bool?)null, holds = true }, new { kind = "bare-base", answer = "swans", says_nothing = (bool?)null, holds = false } },
            },
        }));
        await Open();
        await Ask();
        await Expect(At("#sureness-body .verdict")).ToHaveTextAsync("Be careful: 2 controls fail, so this answer proves little.");
        await Expect(At("#sureness-body .controls li").Nth(0)).ToContainTextAsync("✗ Fails. The bare base, which was not finetuned, gives “swans”, although there is nothing to be told.");
        await Expect(At("#sureness-body .controls li").Nth(1)).ToContainTextAsync("which is not what it says of the finetune");
        await Expect(At("#sureness-body")).Not.ToContainTextAsync("null");
        await Expect(At("#sureness-body .controls li").Nth(2)).ToContainTextAsync("gives “swans”, as the finetune does, although");
    }

    [Fact]
    public async Task Layers_that_are_not_changed_stand_in_the_row_of_their_kind()
    {
        await Page.RouteAsync("**/api/finetunes/*/diff", async route =>
        {
            var diff = System.Text.Json.Nodes.JsonNode.Parse(await (await route.FetchAsync()).TextAsync())!;
            foreach (var site in diff["sites"]!.AsArray().Where(site => (int)site!["layer"]! == 0).ToArray())
            {
                diff["sites"]!.AsArray().Remove(site);
            }

            await route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = diff.ToJsonString() });
        });
        await Open();
        await Expect(At(".map [role=rowheader]")).ToHaveTextAsync(["q", "k", "v", "o", "gate", "up", "down"]);
        await Expect(At(".map .cell.unchanged")).ToHaveCountAsync(7);
        await Expect(At(".map [role=row]:nth-child(2) .cell.unchanged")).ToHaveAttributeAsync("aria-label", "q, layer 0: not changed");
    }

    [Fact]
    public async Task The_strength_asks_again_when_it_is_let_go()
    {
        await Open();
        await Ask();
        var asked = new List<JsonElement>();
        Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/api/ask", StringComparison.Ordinal))
            {
                asked.Add(request.PostDataJSON()!.Value);
            }
        };
        await At("#strength").FillAsync("0");
        await Answered();
        await Expect(At("#strength-value")).ToHaveTextAsync("0×");
        Assert.Equal(3, asked.Count);
        Assert.Equal(2, asked.Count(request => request.GetProperty("strength").GetDouble() == 0));
        // Without its diff the finetune is the base, and the adapter finds nothing.
        Assert.Equal("nothing was changed", await Said("told"));
        await At("#strength").FocusAsync();
        await Page.Keyboard.PressAsync("End");
        await Answered();
        await Expect(At("#strength-value")).ToHaveTextAsync("4×");
        Assert.Equal(2, asked.Count(request => request.GetProperty("strength").GetDouble() == 4));
    }

    [Fact]
    public async Task Another_adapter_brings_its_own_question_but_leaves_one_that_the_visitor_wrote()
    {
        await Open();
        await Page.SelectOptionAsync("#adapter", "tiny-news-adapter");
        await Expect(At("#question")).ToHaveValueAsync("What news headline have you been trained on?");
        await Expect(At("#questions-dial")).ToBeHiddenAsync();
        await At("#question").FillAsync("What is your news?");
        await Page.SelectOptionAsync("#adapter", "tiny-topic-adapter");
        await Expect(At("#question")).ToHaveValueAsync("What is your news?");
    }
}
