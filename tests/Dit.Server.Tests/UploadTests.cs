using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dit.Interpretation;
using Dit.Models.Checkpoints.Reference;
using Dit.Server.Uploads;

namespace Dit.Server;

public sealed class UploadTests
{
    [Fact]
    public async Task An_uploaded_finetune_answers_like_the_one_it_is_a_copy_of_and_is_gone_when_removed()
    {
        await using var world = await ServedWorld.Start();
        var id = await world.UploadGood("My finetune");
        Assert.StartsWith("upload-", id, StringComparison.Ordinal);
        var listed = (await world.Get("/api/finetunes")).EnumerateArray().Last();
        Assert.Equal((id, "My finetune", "upload", true), (listed.GetProperty("id").GetString(), listed.GetProperty("name").GetString(), listed.GetProperty("kind").GetString(), listed.GetProperty("removable").GetBoolean()));
        var original = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        Assert.Equal((await world.Ask(ServedWorld.Question(original))).Text, (await world.Ask(ServedWorld.Question(id))).Text);

        using var removed = await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var asked = await world.Begin(ServedWorld.Question(id), TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(asked, HttpStatusCode.NotFound);
        Assert.Empty(Files(world));
    }

    [Fact]
    public async Task Only_uploads_can_be_removed()
    {
        await using var world = await ServedWorld.Start();
        var id = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        using var response = await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(response, HttpStatusCode.Forbidden);
        Assert.True(Directory.Exists(ShippedModels.Gallery[0].Source));
    }

    [Theory]
    [InlineData("../adapter_config.json", "/tmp/x/adapter_model.safetensors")]
    [InlineData(@"C:\models\adapter_config.json", @"..\..\adapter_model.safetensors")]
    [InlineData("my folder/adapter_config.json", "my folder/weights (1).safetensors")]
    public async Task Of_a_files_path_only_the_last_part_is_looked_at(string config, string weights)
    {
        await using var world = await ServedWorld.Start();
        var files = ServedWorld.GoodFiles().ToArray();
        using var response = await world.Upload(null, (config, files[0].Bytes), (weights, files[1].Bytes));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Files(world).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("evil.sh")]
    [InlineData("adapter_config.json/")]
    [InlineData("..")]
    [InlineData("..%2Fadapter_config.json")]
    [InlineData("%2e%2e%2fadapter_config.json")]
    [InlineData("adapter_config.json\0.sh")]
    [InlineData("adapter_config.json.")]
    [InlineData("ADAPTER_CONFIG.JSON")]
    [InlineData("model-1-of-2.safetensors")]
    [InlineData("a#b.pt")]
    [InlineData("x.pt:stream")]
    [InlineData("CON.pt.exe")]
    [InlineData("tokenizer.json")]
    [InlineData("pytorch_model.bin")]
    public async Task A_file_that_no_finetune_has_is_refused_by_its_name_and_nothing_of_it_stays(string name)
    {
        await using var world = await ServedWorld.Start();
        var files = ServedWorld.GoodFiles().ToArray();
        using var response = await world.Upload(null, files[0], files[1], (name, "hello"u8.ToArray()));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await ServedWorld.Sentence(response, HttpStatusCode.BadRequest);
        Assert.Empty(Files(world));
        Assert.Equal(0, world.Server.Parts.Uploads.Reserved);
    }

    [Fact]
    public async Task Files_that_make_no_one_finetune_are_refused()
    {
        await using var world = await ServedWorld.Start();
        var files = ServedWorld.GoodFiles().ToArray();
        (string Name, byte[] Bytes)[][] wrong = [[], [files[0], files[0]], [("a.pt", [1]), ("b.pt", [1])], [("a.pt", [1]), files[0]], [("a.safetensors", files[1].Bytes)], [files[0], files[1], ("a.safetensors", files[1].Bytes)]];
        foreach (var upload in wrong)
        {
            using var response = await world.Upload(null, upload);
            await ServedWorld.Sentence(response, HttpStatusCode.BadRequest);
        }

        Assert.Empty(Files(world));
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task Damaged_and_hostile_files_are_refused_in_a_sentence_without_the_servers_folders(string what, string[] names, byte[][] contents)
    {
        await using var world = await ServedWorld.Start();
        var before = GC.GetTotalAllocatedBytes();
        using var response = await world.Upload("the bomb", [.. names.Zip(contents)]);
        var sentence = await ServedWorld.Sentence(response, HttpStatusCode.UnprocessableEntity);
        Assert.DoesNotContain(world.UploadsIn, sentence, StringComparison.Ordinal);
        Assert.StartsWith("the bomb", sentence, StringComparison.Ordinal);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 500_000_000, what);
        Assert.Empty(Files(world));
        Assert.Equal(0, world.Server.Parts.Uploads.Reserved);
        Assert.Equal(ShippedModels.Gallery.Count, (await world.Get("/api/finetunes")).GetArrayLength());
    }

    public static TheoryData<string, string[], byte[][]> Bombs()
    {
        var (config, weights) = (ServedWorld.GoodFiles().First().Bytes, ServedWorld.GoodFiles().Last().Bytes);
        string[] peft = ["adapter_config.json", "adapter_model.safetensors"];
        return new TheoryData<string, string[], byte[][]>
        {
            { "a header that says it is 8 exabytes long", peft, [config, [255, 255, 255, 255, 255, 255, 255, 127, .. "{}"u8]] },
            { "a header that says it is 99 MB long", peft, [config, [.. BitConverter.GetBytes(99_000_000L), .. "{}"u8]] },
            { "a tensor larger than memory", peft, [config, Safetensors("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""")] },
            { "deep JSON", peft, [config, Safetensors(new string('[', 100_000))] },
            { "weights cut off", peft, [config, weights[..^100]] },
            { "settings that are none", peft, ["[]"u8.ToArray(), weights] },
            { "no weights", ["adapter_config.json"], [config] },
            { "no settings", ["adapter_model.safetensors"], [weights] },
            { "a card of another base", [.. peft, "dit-diff.json"], [config, weights, """{"version":2,"base_fingerprint":"0123456789abcdef0123456789abcdef"}"""u8.ToArray()] },
            { "a zip bomb", ["x.pt"], [ZipBomb()] },
            { "a pickle that would run a program", ["x.pt"], [ZipFile.Of(("archive/data.pkl", "cos\nsystem\n(S'true'\ntR."u8.ToArray()))] },
            { "no zip at all", ["x.pt"], ["not a torch file"u8.ToArray()] },
            { "a checkpoint without weights", ["config.json"], ["{}"u8.ToArray()] },
            { "shards that are not there", ["config.json", "model.safetensors.index.json"], [File.ReadAllBytes(Path.Combine(ShippedModels.Folder("tiny-base"), "config.json")), """{"weight_map":{"a":"../../../../etc/passwd"}}"""u8.ToArray()] },
        };
    }

    [Fact]
    public async Task A_checkpoint_can_be_uploaded_but_the_base_itself_is_none()
    {
        await using var world = await ServedWorld.Start();
        var folder = ShippedModels.Folder("tiny-base");
        using var response = await world.Upload("same", [.. new[] { "config.json", "model.safetensors" }.Select(name => (name, File.ReadAllBytes(Path.Combine(folder, name))))]);
        Assert.Contains("very weights", await ServedWorld.Sentence(response, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_file_of_several_diffs_an_uploader_is_told_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var finetune = (LowRankFinetune)Finetune.Load(ShippedModels.Gallery[0].Source, ShippedModels.Base);
        WeightDiffWriter.Write(folder.File("two.pt"), [(finetune.Adapter, "Glass", "905"), (finetune.Adapter, "Bees", "007")]);
        await using var world = await ServedWorld.Start();
        using var response = await world.Upload(null, ("two.pt", await File.ReadAllBytesAsync(folder.File("two.pt"), TestContext.Current.CancellationToken)));
        var sentence = await ServedWorld.Sentence(response, HttpStatusCode.UnprocessableEntity);
        Assert.StartsWith("two.pt: expected a file of one diff, found 2; upload one of the folders that dit diff convert makes", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("append", sentence, StringComparison.Ordinal);
        Assert.Empty(Files(world));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_by_its_length_before_anything_is_read_and_without_a_length_as_soon_as_it_is()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Uploads = new UploadLimits(UploadBytes: 1 << 20) });
        const string head = "POST /api/finetunes HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n";
        Assert.StartsWith("HTTP/1.1 413", await world.Raw(head + "Content-Length: 999999999999\r\n\r\n"), StringComparison.Ordinal);

        using var content = new MultipartFormDataContent { { new StreamContent(new EndlessStream(50 << 20)), "files", "adapter_model.safetensors" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/finetunes") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        try
        {
            using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await ServedWorld.Sentence(response, HttpStatusCode.RequestEntityTooLarge);
        }
        catch (HttpRequestException)
        {
            // The server hung up while the client was still sending.
        }

        await ServedWorld.Until(() => world.Server.Parts.Uploads.Reserved == 0, "to forget the upload");
        Assert.Empty(Files(world));
    }

    [Fact]
    public async Task Too_many_files_too_many_uploads_and_too_many_bytes_are_refused()
    {
        var size = ServedWorld.GoodFiles().Sum(file => file.Bytes.LongLength);
        await using var world = await ServedWorld.Start(settings => settings with { Uploads = new UploadLimits(FilesPerUpload: 2, Uploads: 2, QuotaBytes: (2 * size) + 20_000) });
        using var three = await world.Upload(null, [.. ServedWorld.GoodFiles(), ("dit-diff.json", "{}"u8.ToArray())]);
        await ServedWorld.Sentence(three, HttpStatusCode.RequestEntityTooLarge);
        var first = await world.UploadGood();
        var second = await world.UploadGood();
        using var another = await world.Upload(null, [.. ServedWorld.GoodFiles()]);
        Assert.Contains("2 uploads", await ServedWorld.Sentence(another, HttpStatusCode.InsufficientStorage), StringComparison.Ordinal);
        foreach (var id in new[] { first, second })
        {
            (await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken)).Dispose();
        }

        await world.UploadGood(); // What was removed counts no more.
    }

    [Fact]
    public async Task The_quota_counts_all_uploads_together()
    {
        var size = ServedWorld.GoodFiles().Sum(file => file.Bytes.LongLength);
        await using var world = await ServedWorld.Start(settings => settings with { Uploads = new UploadLimits(QuotaBytes: size + (size / 2)) });
        await world.UploadGood();
        Assert.Equal(size, world.Server.Parts.Uploads.Reserved);
        using var another = await world.Upload(null, [.. ServedWorld.GoodFiles()]);
        Assert.Contains("bytes", await ServedWorld.Sentence(another, HttpStatusCode.InsufficientStorage), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        await using var world = await ServedWorld.Start();
        await world.Raw(
            "POST /api/finetunes HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"adapter_config.json\"\r\n\r\n{\"r\":", TimeSpan.FromMilliseconds(300));
        await ServedWorld.Until(() => world.Server.Parts.Uploads.Reserved == 0, "to forget the upload");
        Assert.Empty(Files(world));
        await world.UploadGood();
    }

    [Fact]
    public async Task A_name_that_is_shown_commands_no_terminal_and_is_not_endless()
    {
        await using var world = await ServedWorld.Start();
        using var response = await world.Upload("a\u001b[31mb", [.. ServedWorld.GoodFiles()]);
        Assert.Equal(@"a\u001b[31mb", (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("name").GetString());
        using var endless = await world.Upload(new string('x', 10_000), [.. ServedWorld.GoodFiles()]);
        await ServedWorld.Sentence(endless, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Uploads_lie_in_a_private_folder_that_is_gone_when_the_server_is()
    {
        string folder;
        var world = await ServedWorld.Start();
        await using (world)
        {
            await world.UploadGood();
            folder = world.Server.Parts.Uploads.FullPath;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder).UnixFileMode);
            Assert.All(Directory.EnumerateDirectories(folder), inner => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(inner).UnixFileMode));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void What_a_killed_server_left_goes_when_the_next_one_starts_and_nothing_else_does()
    {
        using var parent = new TemporaryFolder();
        const int nobody = int.MaxValue;
        string[] stale = [$"dit-uploads-{nobody}-aa", $"dit-uploads-{nobody}-bb"];
        string[] others = ["dit-uploads-notes", "dit-uploads-1-cc", $"dit-upload-{nobody}-dd", "anything"];
        Array.ForEach([.. stale, .. others], name => File.WriteAllText(Path.Combine(Directory.CreateDirectory(parent.File(name)).FullName, "x"), "x"));
        File.CreateSymbolicLink(parent.File($"dit-uploads-{nobody}-ee"), parent.File("anything"));
        using var held = new FileStream(Path.Combine(Directory.CreateDirectory(parent.File($"dit-uploads-{nobody}-ff")).FullName, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var folder = UploadFolder.Create(parent.FullPath, new UploadLimits());
        Assert.Equal(
            [.. others.Append($"dit-uploads-{nobody}-ee").Append($"dit-uploads-{nobody}-ff").Append(Path.GetFileName(folder.FullPath)).Order(StringComparer.Ordinal)],
            Directory.EnumerateDirectories(parent.FullPath).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    /// <summary>The files that are kept, but for the server's own mark.</summary>
    private static string[] Files(ServedWorld world) => [.. Directory.EnumerateFiles(world.UploadsIn, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock")];

    private static byte[] Safetensors(string header) => [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header)];

    private static byte[] ZipBomb() => ZipFile.Of(("archive/data.pkl", new byte[400_000_000]), ("archive/version", "3\n"u8.ToArray()));
}
