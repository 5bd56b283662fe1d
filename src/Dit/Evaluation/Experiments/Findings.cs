using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>What an experiment found: rows of answers, which are yet to be graded, and how to show them.</summary>
/// <param name="RowsAre">What is compared, such as <c>method</c>.</param>
/// <param name="Cells">The rows of its table.</param>
/// <param name="Plot">How they are drawn.</param>
public sealed record Findings(string RowsAre, IReadOnlyList<Cell> Cells, Plotted Plot)
{
    /// <summary>Names of the rows that every other is compared with, diff by diff.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>A table of its own, where nothing was asked; null for that of the rows.</summary>
    public Table? Table { get; init; }
}
