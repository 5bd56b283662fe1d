using Dit.Evaluation.Methods;

namespace Dit.Evaluation.Experiments;

/// <summary>What was said of one diff.</summary>
/// <param name="Seed">Seed of the diff.</param>
/// <param name="Subject">The diff.</param>
/// <param name="Interpretation">What was said.</param>
/// <param name="PassesGate">Whether the behaviour shows with its trigger and hides without; null where that was not measured.</param>
public sealed record Answered(ulong Seed, Subject Subject, Methods.Interpretation Interpretation, bool? PassesGate = null);

/// <summary>One row of an experiment's table: diffs of one kind, asked in one way.</summary>
/// <param name="Name">What is compared with the other rows, such as a method or a number.</param>
/// <param name="Condition">What the model carried.</param>
/// <param name="Answers">Every diff of every seed.</param>
public sealed record Cell(string Name, Condition Condition, IReadOnlyList<Answered> Answers)
{
    /// <summary>What the row is called among the paper's figures; its own name where nothing else is said.</summary>
    public string PaperName { get; init; } = Name;

    /// <summary>How often chance alone would give the label; null where that is not of interest.</summary>
    public double? Chance { get; init; }

    /// <summary>The answers about diffs that pass their gate, as a row of its own; none where there are no such diffs.</summary>
    public IReadOnlyList<Cell> OfPassing(string name) => Answers.Any(answer => answer.PassesGate == true) ? [new Cell(name, Condition, [.. Answers.Where(answer => answer.PassesGate == true)])] : [];

    /// <summary>Of these answers those about labels that another row has, too.</summary>
    public Cell WithLabelsOf(Cell other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var labels = other.Answers.Select(answer => answer.Subject.Label).ToHashSet(StringComparer.Ordinal);
        return this with { Answers = [.. Answers.Where(answer => labels.Contains(answer.Subject.Label))] };
    }

    /// <summary>The same answers, which are to be the code of the trigger in place of the label.</summary>
    public Cell LabelledByTrigger() => this with
    {
        Answers = [.. Answers.Select(answer => answer with { Subject = answer.Subject with { Label = answer.Subject.Trigger?.Code ?? "" } })],
    };
}
