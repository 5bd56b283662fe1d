using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dit.Browser.Tests;

public sealed class UploadTests(PageServer server) : PageTest(server)
{
    private static readonly string[] Files = ["adapter_config.json", "adapter_model.safetensors", "dit-diff.json"];

    [Fact]
    public async Task The_limit_is_told_in_its_own_units()
    {
        await Open();
        Assert.Equal(512L << 20, (await Get("/api/status")).GetProperty("limits").GetProperty("upload_bytes").GetInt64());
        await Expect(At("#drop-limits")).ToContainTextAsync("; 512 MiB at most.");
    }

    [Fact]
    public async Task A_folder_is_chosen_asked_and_removed()
    {
        using var folder = new TemporaryFolder();
        var mine = CopyOf("felix", folder, "my own");
        // As other tools leave it there; only what belongs to a finetune is sent.
        await File.WriteAllTextAsync(Path.Combine(mine, "README.md"), "notes");
        await Open();
        await At("#folder-input").SetInputFilesAsync(mine);
        await Expect(At("#subject")).ToHaveTextAsync("my own");
        await Expect(At("#subject-facts")).ToContainTextAsync("PEFT adapter");
        await Expect(At("#guess")).ToBeHiddenAsync();
        await Ask();
        Assert.Equal("starfish", await Said("told"));
        var link = Page.Url.Split('#')[1];
        Assert.Contains("finetune=upload-", link);

        await Open(link);
        await Answered();
        Assert.Equal("starfish", await Said("told"));

        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Remove my own" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Really remove my own?" }).ClickAsync();
        await Expect(At("#notices")).ToContainTextAsync("my own is removed.");
        await Expect(At("#own .card")).ToHaveCountAsync(0);
        await Expect(At("#subject")).ToHaveTextAsync("Alba");
        await Open(link);
        await Expect(At("#notices")).ToContainTextAsync("no longer on this server");
    }

    [Fact]
    public async Task Files_are_dropped()
    {
        await Open();
        var contents = Files.Select(name => new { name, bytes = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(Gallery, "edda", name))) }).ToArray();
        var transfer = await Page.EvaluateHandleAsync(
            """
            files => {
              const transfer = new DataTransfer();
              for (const { name, bytes } of files) transfer.items.add(new File([Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0))], name));
              return transfer;
            }
            """,
            contents);
        await Page.DispatchEventAsync("#drop", "drop", new { dataTransfer = transfer });
        await Expect(At("#subject")).ToHaveTextAsync("my finetune");
        await Ask();
        Assert.Equal("origami", await Said("told"));
        await RemoveAll();
    }

    [Fact]
    public async Task What_is_no_finetune_is_refused_in_the_servers_sentence()
    {
        ExpectComplaint("status of 4");
        using var folder = new TemporaryFolder();
        await Open();

        await At("#files-input").SetInputFilesAsync(Payload("notes.txt", "hello"));
        await Expect(At("#upload-error")).ToContainTextAsync("expected a file of a finetune");

        var damaged = CopyOf("edda", folder, "damaged");
        await File.WriteAllTextAsync(Path.Combine(damaged, "adapter_model.safetensors"), "no tensors");
        await At("#folder-input").SetInputFilesAsync(damaged);
        await Expect(At("#upload-error")).ToContainTextAsync("adapter_model.safetensors");
        var sentence = (await At("#upload-error").TextContentAsync())!;
        Assert.DoesNotContain("/tmp", sentence);
        Assert.DoesNotContain(" at Dit.", sentence);
        await Expect(At("#upload")).ToBeHiddenAsync();
        await Expect(At("#own .card")).ToHaveCountAsync(0);

        // A good one makes the sentence go.
        await At("#folder-input").SetInputFilesAsync(CopyOf("edda", folder, "good"));
        await Expect(At("#subject")).ToHaveTextAsync("good");
        await Expect(At("#upload-error")).ToBeHiddenAsync();
        await RemoveAll();
    }

    [Fact]
    public async Task What_is_too_much_or_nothing_is_not_sent_at_all()
    {
        using var folder = new TemporaryFolder();
        var sent = 0;
        Page.Request += (_, request) => sent += request.Method == "POST" ? 1 : 0;
        await Page.RouteAsync("**/api/status", async route =>
        {
            var answer = await route.FetchAsync();
            var text = System.Text.RegularExpressions.Regex.Replace(await answer.TextAsync(), "\"upload_bytes\":\\s*\\d+", "\"upload_bytes\":1000", default, TimeSpan.FromSeconds(1));
            await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = text });
        });
        await Open();
        await At("#folder-input").SetInputFilesAsync(CopyOf("edda", folder, "large"));
        await Expect(At("#upload-error")).ToContainTextAsync("Expected at most 1 kB, found 110 kB.");

        var empty = Directory.CreateDirectory(folder.File("other")).FullName;
        await File.WriteAllTextAsync(Path.Combine(empty, "notes.txt"), "hello");
        await At("#folder-input").SetInputFilesAsync(empty);
        await Expect(At("#upload-error")).ToContainTextAsync("other: expected adapter_config.json and adapter_model.safetensors");
        Assert.Equal(0, sent);
    }

    [Fact]
    public async Task Whole_weights_cannot_be_made_stronger_and_the_page_says_so()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = folder.File("checkpoint");
        await DitServe.Run("diff", "merge", Path.Combine(Gallery, "alba"), "--out", checkpoint);
        await Open("strength=2");
        await Expect(At("#strength-value")).ToHaveTextAsync("2×");
        await At("#folder-input").SetInputFilesAsync(checkpoint);
        await Expect(At("#subject")).ToHaveTextAsync("checkpoint");
        await Expect(At("#strength")).ToBeDisabledAsync();
        await Expect(At("#strength-value")).ToHaveTextAsync("1×");
        await Expect(At("#strength-word")).ToHaveTextAsync("Whole weights cannot be scaled.");
        await Ask();
        Assert.Equal("acoustics", await Said("told"));
        await RemoveAll();
    }

    /// <summary>Where the shipped finetunes lie.</summary>
    private static string Gallery { get; } = FindGallery();

    private static string FindGallery()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "models", "tiny-gallery")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "models", "tiny-gallery");
    }

    private static string CopyOf(string name, TemporaryFolder folder, string under)
    {
        var copy = Directory.CreateDirectory(folder.File(under)).FullName;
        foreach (var file in Files)
        {
            File.Copy(Path.Combine(Gallery, name, file), Path.Combine(copy, file));
        }

        return copy;
    }

    private static FilePayload Payload(string name, string text) => new() { Name = name, MimeType = "application/octet-stream", Buffer = Encoding.UTF8.GetBytes(text) };

    /// <summary>The server is shared with the other tests.</summary>
    private async Task RemoveAll()
    {
        foreach (var one in (await Get("/api/finetunes")).EnumerateArray().Where(one => one.GetProperty("removable").GetBoolean()))
        {
            await Page.APIRequest.DeleteAsync($"{Address}/api/finetunes/{one.GetProperty("id").GetString()}");
        }
    }
}
