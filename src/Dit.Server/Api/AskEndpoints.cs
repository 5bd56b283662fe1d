using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Dit.Models.Generation;
using Dit.Server.Generation;
using Dit.Server.Safety;
using Dit.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/ask</c>: one answer, piece by piece.</summary>
internal static class AskEndpoints
{
    private const double StrongestDiff = 100;

    /// <summary>Adds it.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        routes.MapPost("/api/ask", (HttpContext context, CancellationToken aborted) => Ask(context, parts, aborted)).WithName("ask")
            .WithSummary("Asks the base, a finetune, or either with a DIT adapter on top. The answer comes as server-sent events: piece, then end or error.")
            .Accepts<AskBody>("application/json").Produces<AskEvents>(200, EventWriter.ContentType).ProducesErrors(400, 404, 408, 415, 422, 429, 500, 503);
    }

    private static async Task Ask(HttpContext context, ServerParts parts, CancellationToken aborted)
    {
        var body = await JsonBody.Read<AskBody>(context, parts.Settings.Connections.Body);
        var clock = Stopwatch.StartNew();
        await using var answer = await AskedAnswer.Begin(
            parts, body.Finetune, body.Adapter, Strength(body.Strength), Conversation(body.Messages),
            new GenerationSettings(Positive(body.MaxTokens), Temperature(body.Temperature), Seed: body.Seed), aborted);
        var events = new EventWriter(context);
        try
        {
            while (answer.Piece is { } piece)
            {
                if (piece.Text.Length > 0)
                {
                    await events.Send("piece", new PieceEvent(piece.Text), ApiJson.Options);
                }

                if (piece.End is { } end)
                {
                    await events.Send("end", new EndEvent(end.Reason, end.PromptTokens, end.AnswerTokens, clock.Elapsed.TotalSeconds), ApiJson.Options);
                }

                await answer.Next();
            }
        }
        catch (Exception e) when (context.Response.HasStarted && !aborted.IsCancellationRequested)
        {
            await events.Send("error", new FailureEvent(parts.Sentences.Told(parts.Sentences.Of(e).Message)), ApiJson.Options);
        }
    }

    private static IReadOnlyList<Message> Conversation(IReadOnlyList<AskedMessage> messages) => messages.Count > 0 && messages.All(each => each?.Role is { Length: > 0 })
        ? [.. messages.Select(each => new Message(each.Role, each.Content))]
        : throw RefusedException.Bad("messages: expected at least one message, each with a role and a content", "messages");

    private static int Positive(int tokens) =>
        tokens >= 1 ? tokens : throw RefusedException.Bad($"max_tokens: expected at least 1, found {tokens}", "max_tokens");

    /// <summary>A strength that a diff can be asked at.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    internal static double Strength(double strength) =>
        Math.Abs(strength) <= StrongestDiff ? strength : throw RefusedException.Bad($"strength: expected a number from {-StrongestDiff} to {StrongestDiff}, found {strength}", "strength");

    private static double Temperature(double temperature) =>
        temperature is >= 0 and <= 10 ? temperature : throw RefusedException.Bad($"temperature: expected a number from 0 to 10, found {temperature}", "temperature");
}

/// <summary>A question.</summary>
internal sealed record AskBody
{
    /// <summary>Id of the finetune; null for the bare base.</summary>
    public string? Finetune { get; init; }

    /// <summary>Id of the DIT adapter on top; null for none.</summary>
    public string? Adapter { get; init; }

    /// <summary>The conversation, up to where the model is to answer.</summary>
    [Required]
    public IReadOnlyList<AskedMessage> Messages { get; init; } = [];

    /// <summary>By what the finetune's diff is multiplied.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>0 always takes the likeliest token.</summary>
    public double Temperature { get; init; }

    /// <summary>Where the answer ends at the latest.</summary>
    public int MaxTokens { get; init; } = 64;

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: system, user or assistant.</param>
/// <param name="Content">What is said.</param>
internal sealed record AskedMessage(string Role, string Content);

/// <summary>The events of an answer by their names, as the API's description has them: the data of each is one of these.</summary>
internal sealed record AskEvents(PieceEvent Piece, EndEvent End, FailureEvent Error);

/// <summary>The next part of the answer.</summary>
/// <param name="Text">The text.</param>
internal sealed record PieceEvent(string Text);

/// <summary>How the answer ended.</summary>
/// <param name="Reason"><c>stop</c> by itself, <c>length</c> at the limit.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="AnswerTokens">Tokens of the answer.</param>
/// <param name="Seconds">How long it took, waiting included.</param>
internal sealed record EndEvent(string Reason, int PromptTokens, int AnswerTokens, double Seconds);

/// <summary>Why the answer does not go on.</summary>
/// <param name="Message">One sentence.</param>
internal sealed record FailureEvent(string Message);
