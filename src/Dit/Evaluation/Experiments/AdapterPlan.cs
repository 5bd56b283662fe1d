using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>Which adapter an experiment needs: all that decides what it becomes, but for the seed.</summary>
/// <param name="Name">What it is, such as <c>topics-36-diffs</c>; part of its folder's name.</param>
/// <param name="Diffs">What it learns from.</param>
/// <param name="Recipe">How.</param>
public sealed record AdapterPlan(string Name, IReadOnlyList<DiffPlan> Diffs, AdapterRecipe Recipe)
{
    /// <summary>How many of each kind of diffs it learns from, from their beginning; null for all.</summary>
    public int? First { get; init; }
}
