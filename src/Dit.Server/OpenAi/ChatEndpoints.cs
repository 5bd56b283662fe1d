using System.Text;
using System.Text.Json;
using Dit.Server.Api;
using Dit.Server.Generation;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.OpenAi;

/// <summary><c>/v1</c>: what clients of OpenAI's API speak.</summary>
internal static class ChatEndpoints
{
    private static readonly byte[] s_done = "[DONE]"u8.ToArray();

    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        var started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        routes.MapGet("/v1/models", () => TypedResults.Ok(new ModelList("list", [.. ModelNames.All(parts).Select(Listed)]))).WithName("listModels")
            .WithSummary("The base, the finetunes, and each with a DIT adapter on top, as models.");
        routes.MapGet("/v1/models/{model}", (string model) =>
        {
            _ = ModelNames.Find(parts, model);
            return TypedResults.Ok(Listed(model));
        }).WithName("getModel").WithSummary("One model.").ProducesErrors(404);
        routes.MapPost("/v1/chat/completions", (HttpContext context, CancellationToken aborted) => Complete(context, parts, aborted)).WithName("createChatCompletion")
            .WithSummary("Answers a conversation, whole or as a stream, as OpenAI's API does.")
            .Accepts<ChatBody>("application/json").Produces<ChatCompletion>().StreamsToo<ChatChunk>().ProducesErrors(400, 404, 408, 415, 422, 429, 500, 503);

        ModelListed Listed(string id) => new(id, "model", started, "dit");
    }

    private static async Task Complete(HttpContext context, ServerParts parts, CancellationToken aborted)
    {
        using var body = await JsonBody.Read<JsonDocument>(context, parts.Settings.Connections.Body);
        var request = Understood(body.RootElement);
        var (finetune, adapter) = ModelNames.Find(parts, request.Model);
        await using var answer = await AskedAnswer.Begin(parts, finetune, adapter, strength: 1, request.Messages, request.Settings, aborted);
        var (id, created) = (ShelfId.Random("chatcmpl"), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (request.IsStreamed)
        {
            await Stream(context, parts, request, answer, (choices, usage) => new ChatChunk(id, "chat.completion.chunk", created, request.Model, choices, usage));
            return;
        }

        var text = new StringBuilder();
        var end = await Follow(parts, request, answer, piece =>
        {
            text.Append(piece);
            return Task.CompletedTask;
        });
        await context.Response.WriteAsJsonAsync(
            new ChatCompletion(id, "chat.completion", created, request.Model, [new ChatChoice(0, new ChatSaid("assistant", text.ToString()), end.Reason)], ChatUsage.Of(end.PromptTokens, end.AnswerTokens)),
            ApiJson.Options, aborted);
    }

    private static ChatRequest Understood(JsonElement body)
    {
        try
        {
            return ChatRequest.Of(body);
        }
        catch (InvalidOperationException e)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "invalid_request_error", "the body: expected strings of whole characters, found half of one", e);
        }
    }

    private static async Task Stream(HttpContext context, ServerParts parts, ChatRequest request, AskedAnswer answer, Func<IReadOnlyList<ChunkChoice>, ChatUsage?, ChatChunk> chunk)
    {
        var events = new EventWriter(context);
        try
        {
            await Send(new ChunkDelta("assistant", ""), null);
            var end = await Follow(parts, request, answer, piece => Send(new ChunkDelta(Content: piece), null));
            await Send(new ChunkDelta(), end.Reason);
            if (request.TellsUsage)
            {
                await events.Send(null, chunk([], ChatUsage.Of(end.PromptTokens, end.AnswerTokens)), ApiJson.Options);
            }

            await events.SendText(null, s_done);
        }
        catch (Exception e) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var refused = parts.Sentences.Of(e);
            await events.Send(null, new ErrorBody(new ErrorDetail(parts.Sentences.Told(refused.Message), refused.Type, refused.Field)), ApiJson.Options);
        }

        Task Send(ChunkDelta delta, string? reason) => events.Send(null, chunk([new ChunkChoice(0, delta, reason)], null), ApiJson.Options);
    }

    /// <summary>Tells an answer until it ends by itself, at its limit, or before one of the strings that end it.</summary>
    private static async Task<AnswerEnd> Follow(ServerParts parts, ChatRequest request, AskedAnswer answer, Func<string, Task> tell)
    {
        var stop = new StopText(request.Stops);
        var told = new StringBuilder();
        for (; answer.Piece is { } piece; await answer.Next())
        {
            if (stop.Take(piece.Text, isLast: piece.End is not null) is { Length: > 0 } text)
            {
                told.Append(text);
                await tell(text);
            }

            if (stop.Hit)
            {
                // The answer breaks off here, and nobody has counted what came of it.
                var tokenizer = parts.Model.Tokenizer;
                return new AnswerEnd("stop", tokenizer.EncodePrompt(request.Messages).Length, piece.End?.AnswerTokens ?? tokenizer.Tokenizer.Encode(told.ToString()).Length);
            }

            if (piece.End is { } end)
            {
                return end;
            }
        }

        throw new InvalidOperationException("An answer ended without saying how.");
    }
}
