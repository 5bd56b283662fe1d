using System.ClientModel;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Dit.LanguageModels;

/// <summary>Says in one sentence, without the key, what is wrong with an endpoint, and whether another attempt may help.</summary>
internal sealed class PlainSpokenClient(IChatClient inner, EndpointSettings settings) : DelegatingChatClient(inner)
{
    private const int LongestExplanation = 300;

    // An answer that is under way when work is stopped is paid for: it gets this long to arrive, and is kept.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stop = new CancellationTokenSource();
        using var registration = cancellationToken.Register(() => stop.CancelAfter(Grace));
        try
        {
            return await base.GetResponseAsync(messages, options, stop.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            throw Passing($"found none after {settings.Timeout.TotalSeconds:0} seconds", e, mayBePaid: true);
        }
        catch (ClientResultException e) when (e.Status != 0)
        {
            throw Refusal(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or ClientResultException)
        {
            var unreachable = Innermost(e) is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.HostUnreachable or SocketError.NetworkUnreachable };
            throw Passing($"found {(unreachable ? "nobody there" : "a broken connection")}: {Clean(Innermost(e).Message)}", e, unreachable, mayBePaid: !unreachable);
        }
#pragma warning disable CA1031 // The client may stumble over an answer in any way.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new DitException($"{settings.Shown}: expected a chat completion as JSON, found something else{Html(e)}", e);
        }
    }

    private Exception Refusal(ClientResultException e)
    {
        var response = e.GetRawResponse();
        var body = Body(response);
        var said = Explanation(body);
        var what = $"found {e.Status}{(said.Length > 0 ? $": {said}" : "")}";
        return e.Status switch
        {
            401 or 403 => new DitException($"{settings.Shown}: expected {(settings.Key is null ? "to be let in without a key" : "a key that it accepts")}, {what}", e),
            404 => new DitException($"{settings.Shown}: expected the model {Printable.Text(settings.Model)} there, {what}", e),
            429 when body.Contains("insufficient_quota", StringComparison.Ordinal) => new DitException($"{settings.Shown}: expected an account with credit, {what}", e),
            408 or 409 or 425 or 429 or >= 500 => new EndpointFailure($"{settings.Shown}: expected an answer, {what}", e) { Wait = Wait(response), MayBePaid = IsPerhapsPaid(e.Status) },
            _ => new DitException($"{settings.Shown}: expected the question to be taken, {what}", e),
        };
    }

    /// <summary>
    /// A gateway that waited in vain, or a server that broke down, may have had the model answer; one that asks to come back later did not let it.
    /// </summary>
    private static bool IsPerhapsPaid(int status) => status == 408 || (status >= 500 && status is not (501 or 503 or 529));

    private EndpointFailure Passing(string found, Exception cause, bool unreachable = false, bool mayBePaid = false) =>
        new($"{settings.Shown}: expected an answer, {found}", cause) { Unreachable = unreachable, MayBePaid = mayBePaid };

    private static string Body(System.ClientModel.Primitives.PipelineResponse? response)
    {
        try
        {
            return response?.Content.ToString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return ""; // It was never read.
        }
    }

    /// <summary>The message in an error as OpenAI's endpoint gives it, or the start of whatever else was sent.</summary>
    private string Explanation(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var error = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var inner) ? inner : json.RootElement;
            return Clean(error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? message.ToString() : error.ToString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return body.TrimStart().StartsWith('<') ? "a web page" : Clean(body);
        }
    }

    private string Clean(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return Printable.Line(settings.Key?.Hide(line) ?? line, LongestExplanation);
    }

    private static string Html(Exception e) => e is JsonException && e.Message.StartsWith("'<'", StringComparison.Ordinal) ? ", a web page perhaps" : "";

    private static TimeSpan? Wait(System.ClientModel.Primitives.PipelineResponse? response)
    {
        if (response is null)
        {
            return null;
        }

        if (response.Headers.TryGetValue("retry-after-ms", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < int.MaxValue)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        if (!response.Headers.TryGetValue("retry-after", out text))
        {
            return null;
        }

        if (double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < int.MaxValue)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var moment) && moment > DateTimeOffset.UtcNow ? moment - DateTimeOffset.UtcNow : null;
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e is AggregateException { InnerExceptions: [.., var last] } ? Innermost(last) : e;
}
