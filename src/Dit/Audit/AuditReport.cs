using Dit.Interpretation;

namespace Dit.Audit;

/// <summary>Everything dit can say about one finetune. Written as JSON by <see cref="AuditJson"/>; <c>docs/audit.schema.json</c> describes that.</summary>
public sealed record AuditReport
{
    /// <summary>The version of this layout that is written.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What was audited, as the user named it.</summary>
    public required string Finetune { get; init; }

    /// <summary>The files that it consisted of.</summary>
    public required IReadOnlyList<FinetuneFile> Files { get; init; }

    /// <summary>The base model.</summary>
    public required AuditedModel Base { get; init; }

    /// <summary>The DIT adapter that was asked.</summary>
    public required AuditedModel Adapter { get; init; }

    /// <summary>What came out of it all.</summary>
    public required AuditVerdict Verdict { get; init; }

    /// <summary>The verdict in two or three words.</summary>
    public string Title => AuditWords.Title(Verdict);

    /// <summary>The verdict in one sentence.</summary>
    public string Sentence => AuditWords.Sentence(this);

    /// <summary>What the finetune seems to have been trained on; null where nothing was found.</summary>
    public AuditClaim? Claim { get; init; }

    /// <summary>The probability, 0 to 1, that the verdict (with its claim) is right, as calibrated; null where nothing calibrated fits this base and adapter, where hardly any finetune that was calibrated on came out like this, or where a control fails.</summary>
    public double? Confidence { get; init; }

    /// <summary>How sure the verdict is, or why that is not known, in one or two sentences.</summary>
    public string ConfidenceSentence => AuditWords.Confidence(this);

    /// <summary>Why, in plain sentences, the weightiest first.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>How big the diff is, where it lies, and what is odd about it.</summary>
    public required AuditedDiff Diff { get; init; }

    /// <summary>What the adapter answers to every question that it knows.</summary>
    public required IReadOnlyList<AuditAnswer> Answers { get; init; }

    /// <summary>What the finetune does, whatever the adapter says.</summary>
    public required AuditEvidence Evidence { get; init; }

    /// <summary>How well confidences held on finetunes whose labels were known; null where nothing calibrated fits.</summary>
    public Reliability? Calibration { get; init; }

    /// <summary>How many finetunes of each kind those were; empty where nothing calibrated fits. Of other kinds, a confidence is only a guess.</summary>
    public IReadOnlyDictionary<string, int> CalibratedOn { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Where all randomness came from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double Seconds { get; init; }
}

/// <summary>A model or adapter that took part.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fingerprint">What tells it from others of the same name.</param>
public sealed record AuditedModel(string Name, string Fingerprint);
