using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>What the adapter says to one question, how sure it seems, and what it says where it should say nothing.</summary>
public sealed record AuditAnswer
{
    /// <summary>What the question is about.</summary>
    public required Setting Setting { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The likeliest answer.</summary>
    public required string Answer { get; init; }

    /// <summary>Whether the answer is one of those by which this adapter says that there is nothing of this kind.</summary>
    public required bool SaysNothing { get; init; }

    /// <summary>Answers drawn at random, to this and other wordings.</summary>
    public required IReadOnlyList<string> Samples { get; init; }

    /// <summary>Share of the samples that are the answer.</summary>
    public required double Agreement { get; init; }

    /// <summary>The likeliest labels of those that are known, the likeliest first; empty where none are known.</summary>
    public required IReadOnlyList<LabelShare> Labels { get; init; }

    /// <summary>The same question where there is nothing to be told.</summary>
    public required IReadOnlyList<AuditControl> Controls { get; init; }
}

/// <summary>How likely a label is as the whole answer, among all labels that are known and "nothing".</summary>
/// <param name="Label">The label, or what the adapter says for nothing.</param>
/// <param name="Share">Its share of the probability of all of them, 0 to 1.</param>
public sealed record LabelShare(string Label, double Share);

/// <summary>What the adapter says about something that was not finetuned.</summary>
/// <param name="Kind">What it was put to: <c>bare-base</c> or <c>random-diff</c> (random numbers of the finetune's norms).</param>
/// <param name="Answer">What it says.</param>
/// <param name="SaysNothing">Whether that means that there is nothing; null where the adapter never learned to say so.</param>
/// <param name="Holds">Whether the control holds: it says that there is nothing; of an adapter that never learned to say so, at least not what it says of the finetune.</param>
public sealed record AuditControl(string Kind, string Answer, bool? SaysNothing, bool Holds);
