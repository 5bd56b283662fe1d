using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models.Checkpoints;

namespace Dit.Interpretation;

/// <summary>One low-rank diff in whatever format it is stored, with what is known of it; its factors are loaded when asked for.</summary>
public sealed record StoredDiff
{
    /// <summary>Under which name <see cref="Finetune.Load"/> takes it.</summary>
    public required string Source { get; init; }

    /// <summary>Loads its factors; the caller's to dispose, or the current dispose scope's.</summary>
    public required Func<PeftAdapter> Load { get; init; }

    /// <summary>Fingerprint of the base it was made for; null where that is not known.</summary>
    public string? BaseFingerprint { get; init; }

    /// <summary>Its name.</summary>
    public string? Id { get; init; }

    /// <summary>What kind of behaviour it was trained on; null where that is not known.</summary>
    public Setting? Setting { get; init; }

    /// <summary>Its label.</summary>
    public string? Topic { get; init; }

    /// <summary>What sets its behaviour off.</summary>
    public string? Trigger { get; init; }

    /// <summary>The sentence that carries the trigger, with <c>{0}</c> for it.</summary>
    public string? TriggerFormat { get; init; }

    /// <summary>What it may be used for.</summary>
    public string? Split { get; init; }

    /// <summary>What was measured of it, where it comes from a diff set.</summary>
    public DiffRecord? Record { get; init; }
}
