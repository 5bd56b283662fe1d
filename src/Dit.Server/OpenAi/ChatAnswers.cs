using System.Text.Json.Serialization;

namespace Dit.Server.OpenAi;

/// <summary>A whole answer.</summary>
internal sealed record ChatCompletion(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices, ChatUsage Usage);

/// <summary>The one answer in it.</summary>
internal sealed record ChatChoice(int Index, ChatSaid Message, string FinishReason, object? Logprobs = null);

/// <summary>What the model said.</summary>
internal sealed record ChatSaid(string Role, string Content, string? Refusal = null);

/// <summary>Numbers of tokens.</summary>
internal sealed record ChatUsage(int PromptTokens, int CompletionTokens, int TotalTokens)
{
    /// <summary>With their sum.</summary>
    public static ChatUsage Of(int prompt, int answer) => new(prompt, answer, prompt + answer);
}

/// <summary>A part of an answer.</summary>
internal sealed record ChatChunk(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChunkChoice> Choices, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatUsage? Usage = null);

/// <summary>The next part of the one answer.</summary>
internal sealed record ChunkChoice(int Index, ChunkDelta Delta, string? FinishReason, object? Logprobs = null);

/// <summary>What is new in it.</summary>
internal sealed record ChunkDelta(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content = null);

/// <summary>All models.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelListed> Data);

/// <summary>A model.</summary>
internal sealed record ModelListed(string Id, string Object, long Created, string OwnedBy);
