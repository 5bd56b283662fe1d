using Dit.Behaviours;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>Which diffs an experiment needs: all that decides what they become, but for the seed.</summary>
/// <param name="Name">What they are, such as <c>topics-rank-4</c>; part of their folder's name.</param>
/// <param name="Setting">What they are trained to do.</param>
/// <param name="IsHeldOut">Whether their labels are kept from every adapter, or are there to train one.</param>
/// <param name="Count">How many.</param>
/// <param name="Recipe">How each is trained.</param>
public sealed record DiffPlan(string Name, Setting Setting, bool IsHeldOut, int Count, DiffRecipe Recipe)
{
    /// <summary>What sets a hidden behaviour off.</summary>
    public TriggerKind Trigger { get; init; }
}
