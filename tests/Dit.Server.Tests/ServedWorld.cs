using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dit.Audit;
using Dit.Server.Audits;
using Dit.Server.Generation;

namespace Dit.Server;

/// <summary>A server over the shipped models on a port of its own, and a client of it.</summary>
internal sealed class ServedWorld : IAsyncDisposable
{
    private readonly TemporaryFolder uploads;

    private ServedWorld(DitServer server, TemporaryFolder uploads)
    {
        (Server, this.uploads) = (server, uploads);
        Client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public DitServer Server { get; }

    public HttpClient Client { get; }

    /// <summary>In which folder the server's own folder of uploads lies.</summary>
    public string UploadsIn => uploads.FullPath;

    /// <summary>Everything the server told whoever started it.</summary>
    public List<string> Told { get; private init; } = [];

    public EngineLoad Load => Server.Parts.Engine.Load;

    public static async Task<ServedWorld> Start(Func<ServerSettings, ServerSettings>? change = null, Func<AuditJob, IProgress<AuditProgress>, AuditReport>? audit = null)
    {
        var parent = new TemporaryFolder();
        var told = new List<string>();
        var settings = new ServerSettings { Finetunes = ShippedModels.Gallery, UploadsIn = parent.FullPath, Tell = told.Add };
        settings = change?.Invoke(settings) ?? settings;
        var server = audit is null
            ? await DitServer.Start(ShippedModels.Base, ShippedModels.Adapters, settings, TestContext.Current.CancellationToken)
            : await DitServer.Start(ShippedModels.Base, ShippedModels.Adapters, settings, audit, TestContext.Current.CancellationToken);
        return new ServedWorld(server, parent) { Told = told };
    }

    public async Task<JsonElement> Get(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<HttpResponseMessage> Post(string path, object body) => Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);

    /// <summary>Sends a question and returns when the answer begins.</summary>
    public Task<HttpResponseMessage> Begin(object body, CancellationToken cancellation = default) => Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/api/ask") { Content = JsonContent.Create(body) }, HttpCompletionOption.ResponseHeadersRead, cancellation);

    /// <summary>Asks and reads the whole answer.</summary>
    public async Task<(string Text, JsonElement End)> Ask(object body)
    {
        using var response = await Begin(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = Events(await response.Content.ReadAsStringAsync());
        Assert.Equal("end", events[^1].Name);
        return (string.Concat(events.SkipLast(1).Select(each => each.Data.GetProperty("text").GetString())), events[^1].Data);
    }

    /// <summary>A question that is answered for as long as the model has positions, as nearly every token is as likely as any other.</summary>
    public static object Endless(string? finetune = null) =>
        new { finetune, messages = new[] { new { role = "user", content = "Tell me something." } }, temperature = 10, max_tokens = 100_000 };

    public static object Question(string? finetune = null, string? adapter = null, string text = "What is friendship?") =>
        new { finetune, adapter, messages = new[] { new { role = "user", content = text } } };

    /// <summary>Uploads files; a name is sent exactly as it is.</summary>
    public async Task<HttpResponseMessage> Upload(string? name, params (string Name, byte[] Bytes)[] files)
    {
        const string boundary = "----a-boundary";
        using var body = new MemoryStream();
        foreach (var (file, bytes) in files)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"));
            body.Write(bytes);
            body.Write("\r\n"u8);
        }

        if (name is not null)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n"));
        }

        body.Write(Encoding.UTF8.GetBytes($"--{boundary}--\r\n"));
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={boundary}");
        return await Client.PostAsync(new Uri("/api/finetunes", UriKind.Relative), content);
    }

    /// <summary>Uploads one of the gallery's finetunes.</summary>
    public async Task<string> UploadGood(string name = "mine")
    {
        using var response = await Upload(name, [.. GoodFiles()]);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public static IEnumerable<(string Name, byte[] Bytes)> GoodFiles() =>
        new[] { "adapter_config.json", "adapter_model.safetensors" }.Select(name => (name, File.ReadAllBytes(Path.Combine(ShippedModels.Gallery[0].Source, name))));

    /// <summary>Sends bytes as they are and returns everything that comes back until the server hangs up, or has been silent for a moment.</summary>
    public async Task<string> Raw(string request, TimeSpan? patience = null)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Server.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        var answer = new StringBuilder();
        using var silent = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, silent.Token) is > 0 and var read)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // What has come is what there is.
        }

        return answer.ToString();
    }

    /// <summary>The one sentence of an error, after the usual checks.</summary>
    public static async Task<string> Sentence(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        var error = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error");
        Assert.NotEqual("", error.GetProperty("type").GetString());
        return error.GetProperty("message").GetString()!;
    }

    public static List<(string? Name, JsonElement Data)> Events(string text) => [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(each =>
    {
        var lines = each.Split('\n');
        var name = lines.FirstOrDefault(line => line.StartsWith("event: ", StringComparison.Ordinal))?["event: ".Length..];
        return (name, JsonSerializer.Deserialize<JsonElement>(lines.First(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]));
    })];

    /// <summary>Waits until something is so.</summary>
    public static async Task Until(Func<bool> isSo, string what)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 2400, $"{what} took too long");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        uploads.Dispose();
    }
}
