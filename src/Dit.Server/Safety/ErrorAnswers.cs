using Dit.Server.Api;

namespace Dit.Server.Safety;

/// <summary>Every error as <c>{"error":{"message","type"}}</c> with the right status, also where nothing was found.</summary>
internal static class ErrorAnswers
{
    /// <summary>Answers instead of what comes after it wherever that throws or finds nothing.</summary>
    public static async Task Answer(HttpContext context, RequestDelegate next, Sentences sentences)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort(); // Nobody is there to be told.
            return;
        }
#pragma warning disable CA1031 // A client gets one sentence, whatever went wrong.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var refused = sentences.Of(e);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await Write(context, refused, sentences);
            return;
        }

        if (!context.Response.HasStarted && context.Response.StatusCode is >= 400 and var status && context.Response.ContentLength is null)
        {
            await Write(context, Plain(context, status), sentences);
        }
    }

    /// <summary>Writes one error.</summary>
    public static Task Write(HttpContext context, RefusedException refused, Sentences sentences)
    {
        context.Response.StatusCode = refused.Status;
        if (refused.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.WriteAsJsonAsync(new ErrorBody(new ErrorDetail(sentences.Told(refused.Message), refused.Type, refused.Field)), ApiJson.Options, context.RequestAborted);
    }

    private static RefusedException Plain(HttpContext context, int status) => status switch
    {
        StatusCodes.Status404NotFound => new RefusedException(status, "not_found", $"the address: expected one that this server has, as /api/openapi.json lists them, found {Printable.Text(context.Request.Path.Value ?? "")}"),
        StatusCodes.Status405MethodNotAllowed => new RefusedException(status, "method_not_allowed", $"the method: expected one that this address knows ({context.Response.Headers.Allow}), found {Printable.Text(context.Request.Method)}"),
        StatusCodes.Status415UnsupportedMediaType => new RefusedException(status, "invalid_request_error", "the body: expected application/json, found something else"),
        _ => new RefusedException(status, "invalid_request_error", "the request: expected one that makes sense, found another"),
    };
}

/// <summary>An error, as clients get it.</summary>
/// <param name="Error">What went wrong.</param>
internal sealed record ErrorBody(ErrorDetail Error);

/// <summary>What went wrong.</summary>
/// <param name="Message">One sentence for people.</param>
/// <param name="Type">What kind of error it is, for programs.</param>
/// <param name="Param">The field that is wrong; null where it is none in particular.</param>
/// <param name="Code">Always null; OpenAI's clients look for it.</param>
internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code = null);
