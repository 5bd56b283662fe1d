using System.Net.Http.Headers;
using System.Text.Json;
using Dit.Server.Safety;

namespace Dit.Server.Api;

/// <summary>Reads requests in JSON.</summary>
internal static class JsonBody
{
    /// <summary>The longest that is read.</summary>
    public const long Longest = 1 << 20;

    /// <summary>Reads one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">How long it may take to come.</param>
    /// <exception cref="RefusedException">It is no JSON, not of this shape, or came too slowly.</exception>
    public static async Task<T> Read<T>(HttpContext context, TimeSpan limit)
        where T : class
    {
        // A page from elsewhere can send anything but this without asking first.
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", "the body: expected application/json, found something else");
        }

        using var slow = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        slow.CancelAfter(limit);
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = ApiJson.Options.MaxDepth }, slow.Token);
            return Of<T>(body.RootElement);
        }
        catch (JsonException e)
        {
            throw RefusedException.Bad(
                $"the body: expected JSON of at most {ApiJson.Options.MaxDepth} levels, found something else at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RefusedException(StatusCodes.Status408RequestTimeout, "timeout", $"the body: expected it within {limit.TotalSeconds} seconds");
        }
    }

    /// <summary>The id of a finetune that has to be named.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static string RequireId(string finetune) => finetune.Length > 0 ? finetune : throw RefusedException.Bad("finetune: expected the id of one, found none", "finetune");

    private static T Of<T>(JsonElement body)
        where T : class
    {
        try
        {
            return body.Deserialize<T>(ApiJson.Options) ?? throw RefusedException.Bad("the body: expected an object in JSON, found null");
        }
        catch (JsonException e)
        {
            throw BodyMistake.In(body, typeof(T)) ?? RefusedException.Bad($"the body: expected JSON of this request's shape, found something else at {Printable.Line(e.Path ?? "$", 80)}");
        }
    }
}
