using System.Text.Json;
using Dit.Server.Safety;
using Dit.Text;

namespace Dit.Server.OpenAi;

/// <summary>Conversations as OpenAI's clients send them.</summary>
internal static class ChatMessages
{
    /// <summary>Reads one.</summary>
    /// <exception cref="RefusedException">It is none, or holds more than text.</exception>
    public static IReadOnlyList<Message> Of(JsonElement? messages) => messages is { ValueKind: JsonValueKind.Array } some && some.GetArrayLength() > 0
        ? [.. some.EnumerateArray().Select(Turn)]
        : throw RefusedException.Bad("messages: expected at least one, found none", "messages");

    private static Message Turn(JsonElement message, int number)
    {
        var field = $"messages[{number}]";
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String
            || role.GetString() is not ("system" or "developer" or "user" or "assistant"))
        {
            throw RefusedException.Bad($"{field}.role: expected system, developer, user or assistant, found another", field);
        }

        if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() > 0)
        {
            throw RefusedException.Bad($"{field}.tool_calls: expected none, as this server calls no tools, found some", field);
        }

        // What newer clients call developer is system in every chat template.
        return new Message(role.GetString() is "developer" ? "system" : role.GetString()!, Content(message, field));
    }

    private static string Content(JsonElement message, string field)
    {
        if (message.TryGetProperty("content", out var content))
        {
            if (content.ValueKind == JsonValueKind.String)
            {
                return content.GetString()!;
            }

            if (content.ValueKind == JsonValueKind.Array)
            {
                return string.Concat(content.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                    && type.GetString() == "text" && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                        ? text.GetString()
                        : throw RefusedException.Bad($"{field}.content: expected text only, found a part of another kind", field)));
            }
        }

        throw RefusedException.Bad($"{field}.content: expected text, found none", field);
    }
}
