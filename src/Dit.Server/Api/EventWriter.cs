using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Dit.Server.Api;

/// <summary>Server-sent events, each sent at once.</summary>
internal sealed class EventWriter(HttpContext context)
{
    /// <summary>The events' type.</summary>
    public const string ContentType = "text/event-stream";

    /// <summary>Sends one.</summary>
    /// <param name="name">What it is called; null for none.</param>
    /// <param name="data">Its data, written as JSON.</param>
    /// <param name="options">How.</param>
    public Task Send<T>(string? name, T data, JsonSerializerOptions options) => SendText(name, JsonSerializer.SerializeToUtf8Bytes(data, options));

    /// <summary>Sends data of one line as it is.</summary>
    public async Task SendText(string? name, ReadOnlyMemory<byte> data)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = ContentType;
            context.Response.Headers["X-Accel-Buffering"] = "no"; // Else a proxy in between may keep the answer until it is whole.
        }

        var body = context.Response.BodyWriter;
        body.Write(Encoding.UTF8.GetBytes(name is null ? "data: " : $"event: {name}\ndata: "));
        body.Write(data.Span);
        body.Write("\n\n"u8);
        await body.FlushAsync(context.RequestAborted);
        context.RequestAborted.ThrowIfCancellationRequested();
    }
}
