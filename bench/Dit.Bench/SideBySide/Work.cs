namespace Dit.Bench.SideBySide;

/// <summary>What is measured.</summary>
internal enum WorkKind
{
    /// <summary>A step of the adapter's training: rows with a diff each, one adapter.</summary>
    Adapter,

    /// <summary>A step of the training of many diffs: one example of each of the three kinds, then the optimizer.</summary>
    Diffs,

    /// <summary>One question put to many diffs under the adapter.</summary>
    Answers,
}

/// <summary>A piece of work and how large it is.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Rows">Rows of a batch, each with a diff of its own.</param>
/// <param name="Tokens">Tokens of a row; of a question where answers are generated.</param>
/// <param name="Answer">How many of them, at the end, are the answer; how many are generated behind them where answers are.</param>
internal sealed record Work(WorkKind Kind, int Rows, int Tokens, int Answer)
{
    /// <summary>Rank of every diff.</summary>
    public int DiffRank { get; init; } = 1;

    /// <summary>Rank of the adapter.</summary>
    public int AdapterRank { get; init; } = 16;

    /// <summary>Tokens that go through the model in a step, or that are generated.</summary>
    public long TokensPerStep => Kind switch
    {
        WorkKind.Adapter => (long)Rows * Tokens,
        WorkKind.Diffs => 3L * Rows * Tokens,
        _ => (long)Rows * Answer,
    };

    /// <summary>Steps of a process that are not counted.</summary>
    public int Warmup { get; init; } = 1;

    /// <summary>Steps of a process that are.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Whether every diff multiplied out, with what autograd keeps of that, fits into the memory of a usual machine.</summary>
    public bool DenseDiffsFit { get; init; } = true;

    /// <summary>What peers do the same work, by the names of their scripts.</summary>
    public IReadOnlyList<string> Peers => Kind switch
    {
        WorkKind.Adapter => ["adapter_dense"],
        WorkKind.Diffs => DenseDiffsFit ? ["diffs_dense", "diffs_two_models", "diffs_one_by_one"] : ["diffs_two_models", "diffs_one_by_one"],
        _ => ["answers_one_by_one"],
    };

    /// <summary>The sizes in words.</summary>
    public override string ToString() => Kind switch
    {
        WorkKind.Adapter => $"adapter step, {Rows} × {Tokens} tokens",
        WorkKind.Diffs => $"diff training step, {Rows} diffs × {Tokens} tokens × 3 kinds",
        _ => $"{Rows} diffs asked, {Answer} tokens each",
    };
}
