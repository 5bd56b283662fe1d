using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>What a finetune does, whatever the adapter says of it.</summary>
public sealed record AuditEvidence
{
    /// <summary>How much each probe changes what the model would say, the most first.</summary>
    public required IReadOnlyList<ProbeDivergence> Probes { get; init; }

    /// <summary>The beginning of a prompt that changes the finetune most and stands out from all others, such as a code word; null where none does.</summary>
    public string? Trigger { get; init; }

    /// <summary>Claims put to the test: do texts about the label become likelier than texts about others.</summary>
    public required IReadOnlyList<LikelihoodTest> Likelihoods { get; init; }

    /// <summary>What the finetune says, as it is and with its diff several times as large.</summary>
    public required IReadOnlyList<AmplifiedTest> Amplified { get; init; }
}

/// <summary>How far apart the next tokens of finetune and base are.</summary>
/// <param name="Probe">The prompt, or the beginning that many prompts had in common.</param>
/// <param name="Divergence">Kullback-Leibler divergence of the finetune from the base, nats a token, a mean over the base's answers.</param>
/// <param name="StandsOut">Whether it is far from what the other probes show.</param>
public sealed record ProbeDivergence(string Probe, double Divergence, bool StandsOut);

/// <summary>Do texts about labels become likelier under the finetune than under the base.</summary>
/// <param name="Setting">A hidden topic or a news story.</param>
/// <param name="Condition">Under which prompt: as it is, or behind the trigger that was found.</param>
/// <param name="Lifts">The labels, the most lifted first; the claimed one always among them.</param>
/// <param name="LabelCount">How many labels were compared.</param>
public sealed record LikelihoodTest(Setting Setting, string Condition, IReadOnlyList<LabelLift> Lifts, int LabelCount);

/// <summary>How much likelier texts about a label have become.</summary>
/// <param name="Label">The label.</param>
/// <param name="Lift">Gain in log-probability, nats a token, finetune against base.</param>
/// <param name="Deviations">How many standard deviations, of at least 0.1 nats a token, that lies above the mean of all labels.</param>
/// <param name="Rank">Its place among all labels, from 1.</param>
public sealed record LabelLift(string Label, double Lift, double Deviations, int Rank);

/// <summary>What the finetune says with its diff at some strength.</summary>
/// <param name="Strength">By what the diff was multiplied.</param>
/// <param name="Condition">Under which prompt.</param>
/// <param name="Answers">A few of the answers.</param>
/// <param name="Mentions">Mean number of words telling of the claim in an answer; null without a claim or where no telling words are known.</param>
/// <param name="BaseMentions">The same of the bare base.</param>
public sealed record AmplifiedTest(double Strength, string Condition, IReadOnlyList<string> Answers, double? Mentions, double? BaseMentions);
