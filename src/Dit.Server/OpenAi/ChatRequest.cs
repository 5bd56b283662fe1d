using System.Text.Json;
using Dit.Models.Generation;
using Dit.Server.Safety;
using Dit.Text;

namespace Dit.Server.OpenAi;

/// <summary>What a client of <c>/v1/chat/completions</c> wants.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Settings">How the answer is drawn.</param>
/// <param name="Stops">Strings before which it ends.</param>
/// <param name="IsStreamed">Whether it comes piece by piece.</param>
/// <param name="TellsUsage">Whether a stream ends with the numbers of tokens.</param>
internal sealed record ChatRequest(string Model, IReadOnlyList<Message> Messages, GenerationSettings Settings, IReadOnlyList<string> Stops, bool IsStreamed, bool TellsUsage)
{
    private const int UsualTokens = 512, MostStops = 4, LongestStop = 200;

    // They change nothing in the answer.
    private static readonly string[] s_ignored = ["user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls"];

    /// <summary>Reads one.</summary>
    /// <exception cref="RefusedException">It makes no sense, or asks for what this server does not do.</exception>
    public static ChatRequest Of(JsonElement body)
    {
        var options = new ChatOptions(body);
        var request = new ChatRequest(
            options.Text("model") ?? throw RefusedException.Bad("model: expected the name of one, as /v1/models lists them, found none", "model"),
            ChatMessages.Of(options.Take("messages")),
            new GenerationSettings(
                options.Whole("max_completion_tokens", 1, int.MaxValue) ?? options.Whole("max_tokens", 1, int.MaxValue) ?? UsualTokens,
                options.Number("temperature", 0, 2) ?? 1,
                options.Number("top_p", 1e-9, 1) ?? 1,
                options.Seed() ?? (ulong)Random.Shared.NextInt64()),
            Stopping(options.Take("stop")),
            options.Flag("stream") ?? false,
            options.Take("stream_options") is { ValueKind: JsonValueKind.Object } stream && stream.TryGetProperty("include_usage", out var usage) && usage.ValueKind == JsonValueKind.True);
        _ = options.Take("max_tokens"); // May be there beside its newer name.
        options.RequireUsual("n", "1", one => one.ValueKind == JsonValueKind.Number && one.GetDouble() == 1);
        options.RequireUsual("frequency_penalty", "0", IsZero);
        options.RequireUsual("presence_penalty", "0", IsZero);
        options.RequireUsual("top_logprobs", "0", IsZero);
        options.RequireUsual("logprobs", "false", no => no.ValueKind == JsonValueKind.False);
        options.RequireUsual("logit_bias", "{}", none => none.ValueKind == JsonValueKind.Object && !none.EnumerateObject().Any());
        options.RequireUsual("tools", "[]", IsEmpty);
        options.RequireUsual("functions", "[]", IsEmpty);
        options.RequireUsual("tool_choice", "none or auto", word => word.ValueKind == JsonValueKind.String && word.GetString() is "none" or "auto");
        options.RequireUsual("function_call", "none or auto", word => word.ValueKind == JsonValueKind.String && word.GetString() is "none" or "auto");
        options.RequireUsual("response_format", "{\"type\":\"text\"}", format => format.ValueKind == JsonValueKind.Object && format.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "text");
        options.RequireUsual("modalities", "[\"text\"]", kinds => kinds.ValueKind == JsonValueKind.Array && kinds.EnumerateArray().All(kind => kind.ValueKind == JsonValueKind.String && kind.GetString() == "text"));
        Array.ForEach(s_ignored, name => options.Take(name));
        options.RequireNoOther();
        return request;
    }

    private static bool IsZero(JsonElement number) => number.ValueKind == JsonValueKind.Number && number.GetDouble() == 0;

    private static bool IsEmpty(JsonElement list) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0;

    private static string[] Stopping(JsonElement? stop)
    {
        string?[] found = stop switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } one => [one.GetString()],
            { ValueKind: JsonValueKind.Array } several when several.GetArrayLength() <= MostStops => [.. several.EnumerateArray().Select(each => each.ValueKind == JsonValueKind.String ? each.GetString() : null)],
            _ => [null],
        };
        return found.All(each => each is { Length: > 0 and <= LongestStop })
            ? [.. found.OfType<string>()]
            : throw RefusedException.Bad($"stop: expected a string or up to {MostStops}, each of 1 to {LongestStop} characters, found something else", "stop");
    }
}
