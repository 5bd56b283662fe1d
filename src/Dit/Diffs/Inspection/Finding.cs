namespace Dit.Diffs.Inspection;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>Odd, and good to know.</summary>
    Odd,

    /// <summary>The diff cannot be used as it is.</summary>
    Error,
}

/// <summary>Something odd about a diff or its files, as one plain sentence.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Sentence">What was found.</param>
public sealed record Finding(FindingLevel Level, string Sentence);
