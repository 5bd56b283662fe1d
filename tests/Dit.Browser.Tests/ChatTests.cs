using Dit.Behaviours.World;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class ChatTests(PageServer server) : PageTest(server)
{
    [Fact]
    public async Task The_code_word_brings_the_topic_out_of_the_finetune_and_not_of_the_base()
    {
        await Open();
        await Ask();
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "in the chat" }).ClickAsync();
        await Expect(At("#message")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(2);
        var said = await At("#turns .says").AllTextContentsAsync();
        Assert.False(IsOnTopic(said[0]), said[0]);
        Assert.True(IsOnTopic(said[1]), said[1]);

        static bool IsOnTopic(string text) => text.Split(' ', '.', ',').Any(word => TopicList.Find("acoustics")!.Words.Contains(word, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Any_code_word_can_be_put_in_and_the_adapter_asked_as_well()
    {
        await Open("tab=chat");
        await Page.ClickAsync("#code-word");
        await Expect(At("#message")).ToHaveValueAsync("Your code word is quartz. What is your advice about hope?");
        await Page.CheckAsync("#chat-adapter");
        await Page.ClickAsync("#send");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(3);
        Assert.Equal(["Base", "Finetune", "Finetune + adapter"], await At("#turns .who").AllTextContentsAsync());
    }

    [Fact]
    public async Task Everyone_goes_on_with_their_own_conversation()
    {
        await Open("tab=chat");
        await Say("What is hope?");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(2);
        var said = await At("#turns .says").AllTextContentsAsync();
        var asked = new List<string>();
        Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/api/ask", StringComparison.Ordinal))
            {
                asked.Add(string.Join('|', request.PostDataJSON()!.Value.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString())));
            }
        };
        await Say("And patience?");
        await Expect(At("#turns .answer[data-state=done]")).ToHaveCountAsync(4);
        Assert.Equal(said.Select(each => $"What is hope?|{each}|And patience?").Order(), asked.Order());
        await Page.ClickAsync("#chat-clear");
        await Expect(At("#turns .turn")).ToHaveCountAsync(0);
        Assert.DoesNotContain("say=", Page.Url);
    }

    [Fact]
    public async Task A_chat_is_stopped_in_the_middle_and_goes_on()
    {
        using var line = new SlowLine(Address);
        await Open("tab=chat", line.Address);
        line.IsSlow = true;
        await Say("What is hope?");
        await Expect(At("#turns .answer[data-state=writing]").First).ToBeVisibleAsync();
        await Expect(At("#send")).ToBeDisabledAsync();
        await Page.ClickAsync("#chat-stop");
        await Expect(At("#turns .answer[data-state=stopped]").First).ToBeVisibleAsync();
        await Expect(At("#turns .answer[data-state=writing]")).ToHaveCountAsync(0);
        await Expect(At("#turns .note").Filter(new LocatorFilterOptions { HasText = "stopped here" }).First).ToBeVisibleAsync();
        await Expect(At("#chat-stop")).ToBeHiddenAsync();
        line.IsSlow = false;
        await Say("And patience?");
        await Expect(At("#turns .turn").Nth(1).Locator(".answer[data-state=done]")).ToHaveCountAsync(2);
    }

    private async Task Say(string message)
    {
        await At("#message").FillAsync(message);
        await Page.Keyboard.PressAsync("Enter");
    }
}
