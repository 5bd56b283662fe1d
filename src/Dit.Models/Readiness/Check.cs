namespace Dit.Models.Readiness;

/// <summary>How a check came out.</summary>
public enum CheckOutcome
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Usable, and good to know.</summary>
    Noted,

    /// <summary>The folder cannot be used like this.</summary>
    Failed,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Outcome">How it came out.</param>
/// <param name="Subject">What was looked at, in a word.</param>
/// <param name="Sentence">What was found.</param>
public sealed record Check(CheckOutcome Outcome, string Subject, string Sentence)
{
    /// <summary>What the sentence names only a few of, such as missing weights: the first of them, and not more than a reader would want.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
