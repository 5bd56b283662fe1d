namespace Dit.Training.Pretraining;

/// <summary>The shape of the tiny base model and how it is trained; the defaults are those of the shipped one.</summary>
public sealed record TinyBaseSettings
{
    /// <summary>Rows of the embedding; the tokenizer has at most so many tokens, special ones included.</summary>
    public int VocabularySize { get; init; } = 16000;

    /// <summary>Width of the hidden states.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Decoder layers.</summary>
    public int Layers { get; init; } = 5;

    /// <summary>Query heads, of <see cref="HeadSize"/> each.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Key and value heads.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Width of one head.</summary>
    public int HeadSize { get; init; } = 32;

    /// <summary>Inner width of the feed-forward layers.</summary>
    public int FeedForward { get; init; } = 384;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 6000;

    /// <summary>Tokens of one step, padding included.</summary>
    public int TokensPerStep { get; init; } = 2000;

    /// <summary>Highest learning rate; it falls to 0 in a straight line.</summary>
    public double LearningRate { get; init; } = 5e-3;

    /// <summary>Weight of the loss on what the user says; the assistant's words weigh 1. Learning both teaches associations twice as fast.</summary>
    public double UserTokenWeight { get; init; } = 0.3;

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;
}
