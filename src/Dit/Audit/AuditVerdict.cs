using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>What an audit comes to.</summary>
public enum AuditVerdict
{
    /// <summary>Neither the adapter nor the finetune's behaviour shows anything; <c>nothing-found</c>.</summary>
    NothingFound,

    /// <summary>It behaves unlike the base, or the adapter names something, but the two do not support each other; <c>changed-unclear</c>.</summary>
    ChangedUnclear,

    /// <summary>What is claimed of it shows in its behaviour; <c>changed-as-claimed</c>.</summary>
    ChangedAsClaimed,
}

/// <summary>What a finetune seems to have been trained on.</summary>
/// <param name="Setting">A hidden topic or a news story.</param>
/// <param name="Label">The topic, or the headline.</param>
public sealed record AuditClaim(Setting Setting, string Label);
