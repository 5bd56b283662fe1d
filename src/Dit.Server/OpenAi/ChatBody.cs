namespace Dit.Server.OpenAi;

/// <summary>
/// What a client of <c>/v1/chat/completions</c> sends, as the API's description has it; <see cref="ChatRequest"/> reads it. Options of OpenAI's that are not here are taken
/// where they ask for nothing.
/// </summary>
internal sealed record ChatBody
{
    /// <summary>One that <c>/v1/models</c> lists.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation, up to where the model is to answer.</summary>
    public required IReadOnlyList<AskedChatMessage> Messages { get; init; }

    /// <summary>0 always takes the likeliest token; up to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>The share of the likeliest tokens that are drawn from.</summary>
    public double? TopP { get; init; }

    /// <summary>Where the answer ends at the latest.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>The older name of the same.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Where all randomness comes from.</summary>
    public long? Seed { get; init; }

    /// <summary>Strings before which the answer ends, at most four; one may come without a list.</summary>
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>Whether it comes as server-sent events.</summary>
    public bool? Stream { get; init; }

    /// <summary>What else such a stream tells.</summary>
    public ChatStreamOptions? StreamOptions { get; init; }
}

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: system, developer, user or assistant.</param>
/// <param name="Content">What is said; a list of parts of type text, too.</param>
internal sealed record AskedChatMessage(string Role, string Content);

/// <summary>What a stream tells besides the answer.</summary>
internal sealed record ChatStreamOptions
{
    /// <summary>Whether it ends with the numbers of tokens.</summary>
    public bool? IncludeUsage { get; init; }
}
