namespace Dit.Training;

/// <summary>What a group of diffs is trained on, batch by batch: row t of every batch belongs to behaviour t.</summary>
internal interface IDiffBatches
{
    /// <summary>The kinds of examples, in the order in which their gradients are added; the first is what is to be learned.</summary>
    IReadOnlyList<ExampleKind> Kinds { get; }

    /// <summary>The batch of a kind for an example, counted over the whole training.</summary>
    TokenBatch Batch(ExampleKind kind, int example);
}
