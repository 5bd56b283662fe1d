namespace Dit.Evaluation.Experiments;

/// <summary>What the model carries when a method is asked about a diff.</summary>
public enum Condition
{
    /// <summary>The diff itself.</summary>
    AsTrained,

    /// <summary>Nothing: whatever is told comes from the adapter.</summary>
    BareBase,

    /// <summary>Another diff of the same set: who reads it names its label, and the label of the one asked about only by a guess.</summary>
    Shuffled,

    /// <summary>A random diff with the same norm at every site: whatever is told of it comes from the method.</summary>
    Random,
}
