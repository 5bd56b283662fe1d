namespace Dit.Evaluation.Experiments;

/// <summary>What the model carries when a method is asked about a diff.</summary>
public enum Condition
{
    /// <summary>The diff itself.</summary>
    AsTrained,

    /// <summary>Nothing: whatever is told of it comes from the method.</summary>
    BareBase,

    /// <summary>Another diff of the same set: only chance names the label of the one asked about.</summary>
    Shuffled,

    /// <summary>A random diff with the same norm at every site: whatever is told of it comes from the method.</summary>
    Random,
}
