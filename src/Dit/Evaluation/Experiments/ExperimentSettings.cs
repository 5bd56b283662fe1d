namespace Dit.Evaluation.Experiments;

/// <summary>What a person may choose about an experiment.</summary>
public sealed record ExperimentSettings
{
    /// <summary>Sizes and recipes.</summary>
    public Scale Scale { get; init; } = Scale.Tiny;

    /// <summary>Seeds of the held-out diffs, one set of diffs each. Training uses others, so that no question is met again in the same order.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [101, 102, 103];

    /// <summary>How many held-out labels.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Adapters that need not be trained.</summary>
    public ReadyAdapters Adapters { get; init; } = new();
}

/// <summary>Adapters that are there already; null where one is to be trained.</summary>
public sealed record ReadyAdapters
{
    /// <summary>Folder of the one for hidden topics.</summary>
    public string? Topics { get; init; }

    /// <summary>Folder of the one for news.</summary>
    public string? News { get; init; }

    /// <summary>Folder of the one for both.</summary>
    public string? Both { get; init; }
}
