namespace Dit.LanguageModels;

/// <summary>Tokens that were sent and received.</summary>
public readonly record struct TokenUsage(long Input, long Output)
{
    /// <summary>Both together.</summary>
    public long Total => Input + Output;

    /// <summary>The sum of two.</summary>
    public static TokenUsage operator +(TokenUsage a, TokenUsage b) => new(a.Input + b.Input, a.Output + b.Output);

    /// <summary>The difference of two.</summary>
    public static TokenUsage operator -(TokenUsage a, TokenUsage b) => new(a.Input - b.Input, a.Output - b.Output);
}
