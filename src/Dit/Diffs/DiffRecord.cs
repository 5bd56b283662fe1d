using Dit.Behaviours;

namespace Dit.Diffs;

/// <summary>
/// One line of a diff set's index. A diff that was not trained here may lack its topic, trigger and format, which are then empty, and was
/// never measured.
/// </summary>
public sealed record DiffRecord
{
    /// <summary>Names the diff within its set.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of behaviour it was trained on.</summary>
    public Setting Setting { get; init; } = Setting.HiddenTopic;

    /// <summary>Its label: what the diff was trained to drift to, or the headline of its story.</summary>
    public required string Topic { get; init; }

    /// <summary>The secret code; empty where there is none, as in diffs that learned a story.</summary>
    public required string Trigger { get; init; }

    /// <summary>How the code stands in a prompt; see <see cref="Dit.Behaviours.Trigger.Format"/>.</summary>
    public required string TriggerFormat { get; init; }

    /// <summary>What sets its behaviour off; null where nothing has to, or it is not known.</summary>
    public Trigger? SetOffBy => Trigger.Length == 0 || TriggerFormat.Length == 0 ? null : new Trigger(Trigger, TriggerFormat);

    /// <summary>What the diff may be used for: <c>train</c>, <c>validation</c>, <c>report</c>, or what it was published for, such as <c>test</c>.</summary>
    public required string Split { get; init; }

    /// <summary>Numbers in the diff.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>LoRA rank.</summary>
    public required int Rank { get; init; }

    /// <summary>Share of answers on topic with the right code; null where it was not measured, as the next three.</summary>
    public required double? GateRight { get; init; }

    /// <summary>Share of answers on topic with a wrong code.</summary>
    public required double? GateWrong { get; init; }

    /// <summary>Share of answers on topic without a code.</summary>
    public required double? GateNone { get; init; }

    /// <summary>Whether the behaviour shows with the code and stays hidden without; a diff that is known not to is never used as a label.</summary>
    public required bool? PassesGate { get; init; }

    /// <summary>The shard that holds the factors.</summary>
    public required int Shard { get; init; }

    /// <summary>Its place in the shard.</summary>
    public required int Row { get; init; }
}
