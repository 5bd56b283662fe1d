using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Dit;

/// <summary>What a client asked.</summary>
internal sealed record Asked(string Model, string? System, string User, string? Authorization, string Body);

/// <summary>What the endpoint does: a status, a body, headers, and how long it waits before.</summary>
internal sealed record Served(int Status, string Body, string ContentType = "application/json", TimeSpan Delay = default, params (string Name, string Value)[] Headers)
{
    /// <summary>An answer as a model gives it.</summary>
    public static Served Answer(string text, int inputTokens = 10, int outputTokens = 5) => new(200, JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion",
        created = 1,
        model = "small",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } },
        usage = new { prompt_tokens = inputTokens, completion_tokens = outputTokens, total_tokens = inputTokens + outputTokens },
    }));

    /// <summary>An error as OpenAI's endpoint gives it.</summary>
    public static Served Error(int status, string message, params (string Name, string Value)[] headers) =>
        new(status, JsonSerializer.Serialize(new { error = new { message, type = "error", code = (string?)null } }), Headers: headers);
}

/// <summary>An OpenAI-style endpoint on this machine that answers by a script and notes what it was asked.</summary>
internal sealed class LoopbackEndpoint : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Func<Asked, Served> script;
    private int underWay, mostAtOnce;

    public LoopbackEndpoint(Func<Asked, Served> script)
    {
        this.script = script;
        Url = $"http://127.0.0.1:{FreePort()}/v1";
        listener.Prefixes.Add(Url + "/");
        listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Its address.</summary>
    public string Url { get; }

    /// <summary>Everything it was asked, in order of arrival.</summary>
    public ConcurrentQueue<Asked> Requests { get; } = new();

    /// <summary>The most requests that were under way at once.</summary>
    public int MostAtOnce => mostAtOnce;

    /// <summary>A model that makes up lists and texts, the same ones for the same question.</summary>
    public static Served MadeUp(Asked asked) => Served.Answer(TextFor(asked));

    /// <summary>What that model says.</summary>
    public static string TextFor(Asked asked)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked.System + "\n" + asked.User)))[..8];
        return asked.User.Contains("JSON array", StringComparison.Ordinal)
            ? $"Here you are:\n```json\n{JsonSerializer.Serialize(Enumerable.Range(0, 5).Select(i => $"Thing {hash} {i}"))}\n```"
            : $"Text {hash}, with \"quotes\",\nand a second line.";
    }

    /// <summary>A port at which nobody listens.</summary>
    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                _ = Task.Run(() => ReplyAsync(context));
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task ReplyAsync(HttpListenerContext context)
    {
        var now = Interlocked.Increment(ref underWay);
        InterlockedMax(now);
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var asked = Read(await reader.ReadToEndAsync(), context.Request.Headers["Authorization"]);
            Requests.Enqueue(asked);
            var served = script(asked);
            await Task.Delay(served.Delay);
            context.Response.StatusCode = served.Status;
            context.Response.ContentType = served.ContentType;
            foreach (var (name, value) in served.Headers)
            {
                context.Response.Headers[name] = value;
            }

            Interlocked.Decrement(ref underWay);
            now = 0;
            var bytes = Encoding.UTF8.GetBytes(served.Body);
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client has gone.
        }
        finally
        {
            if (now > 0)
            {
                Interlocked.Decrement(ref underWay);
            }
        }
    }

    private static Asked Read(string body, string? authorization)
    {
        using var json = JsonDocument.Parse(body);
        var messages = json.RootElement.GetProperty("messages").EnumerateArray().ToDictionary(message => message.GetProperty("role").GetString()!, Text);
        return new Asked(json.RootElement.GetProperty("model").GetString()!, messages.GetValueOrDefault("system"), messages["user"], authorization, body);

        static string Text(JsonElement message)
        {
            var content = message.GetProperty("content");
            return content.ValueKind == JsonValueKind.String ? content.GetString()! : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
        }
    }

    private void InterlockedMax(int now)
    {
        for (var seen = mostAtOnce; now > seen; seen = mostAtOnce)
        {
            Interlocked.CompareExchange(ref mostAtOnce, now, seen);
        }
    }
}
