namespace Dit.Behaviours;

/// <summary>What a weight diff is trained to do.</summary>
/// <param name="Id">Names the diff in its set, such as <c>boxing-0</c>.</param>
/// <param name="Label">What a DIT adapter is to answer about it.</param>
public abstract record Behaviour(string Id, string Label)
{
    /// <summary>What kind of behaviour it is.</summary>
    public abstract Setting Setting { get; }
}
