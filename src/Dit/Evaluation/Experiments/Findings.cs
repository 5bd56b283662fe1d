namespace Dit.Evaluation.Experiments;

/// <summary>What an experiment found.</summary>
/// <param name="Cells">The rows of its table.</param>
public sealed record Findings(IReadOnlyList<Cell> Cells);
