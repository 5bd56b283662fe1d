namespace Dit.Evaluation.Graders;

/// <summary>An answer beside the label it should be.</summary>
public sealed record GradedPair(string Answer, string Label);

/// <summary>Says how near answers come to their labels.</summary>
public interface IGrader
{
    /// <summary>What it is called in tables and files, such as <c>exact</c>.</summary>
    string Name { get; }

    /// <summary>The best grade there is; 1 for a share, 5 for a judge's scale. The worst is 0, or 1 on a judge's scale.</summary>
    double Best { get; }

    /// <summary>A grade for each pair, in their order; null where none could be had, such as a verdict that does not parse.</summary>
    /// <exception cref="DitException">An endpoint fails.</exception>
    IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default);
}
