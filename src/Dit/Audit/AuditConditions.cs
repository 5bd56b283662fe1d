namespace Dit.Audit;

/// <summary>What the conditions of tests are called in a report.</summary>
internal static class AuditConditions
{
    /// <summary>Questions as they are.</summary>
    public const string AsItIs = "as it is";

    /// <summary>Asked for a news story.</summary>
    public const string AskedForNews = "asked for a short news story";

    /// <summary>Behind a trigger.</summary>
    public static string Behind(Probe trigger) => $"with {trigger.Quoted}";
}
