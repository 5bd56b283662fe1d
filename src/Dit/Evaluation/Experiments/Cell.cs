using Dit.Evaluation.Methods;

namespace Dit.Evaluation.Experiments;

/// <summary>What was said of one diff.</summary>
/// <param name="Seed">Seed of the diff; of the bare base, which has none, that of the adapter.</param>
/// <param name="Subject">The diff.</param>
/// <param name="Interpretation">What was said.</param>
/// <param name="PassesGate">Whether the behaviour shows with its trigger and hides without; null where that was not measured.</param>
public sealed record Answered(ulong Seed, Subject Subject, Methods.Interpretation Interpretation, bool? PassesGate = null)
{
    /// <summary>What belongs together in a bootstrap: answers about diffs of one label resemble each other.</summary>
    public string Group { get; init; } = Subject.Label;

    /// <summary>The diff that the model carried in place of the subject's; null where it is the subject's own, or none of the set.</summary>
    public Subject? Carried { get; init; }

    /// <summary>Where the label stands by likelihood among all held-out labels, from 1; null where that was not measured.</summary>
    public int? Rank { get; init; }

    /// <summary>What the adapter learned to say where there is nothing to be told; null where it never did, or there is no adapter.</summary>
    public string? NothingChanged { get; init; }
}

/// <summary>One row of an experiment's table: diffs of one kind, asked in one way.</summary>
/// <param name="Name">What is compared with the other rows, such as a method or a number.</param>
/// <param name="Condition">What the model carried.</param>
/// <param name="Answers">Every diff of every seed.</param>
public sealed record Cell(string Name, Condition Condition, IReadOnlyList<Answered> Answers)
{
    /// <summary>What the row is called among the paper's figures; its own name where nothing else is said.</summary>
    public string PaperName { get; init; } = Name;

    /// <summary>How often a guess would give the label; null where that is not of interest.</summary>
    public double? Chance { get; init; }

    /// <summary>The adapters that answered.</summary>
    public IReadOnlyList<KeptAdapter> Adapters { get; init; } = [];

    /// <summary>Whether a judge may grade it: its prompts are about topics and headlines.</summary>
    public bool CanBeJudged { get; init; } = true;

    /// <summary>Whether the steps of the adapters' training are shown.</summary>
    public bool ShowsSteps { get; init; }

    /// <summary>The answers about diffs that pass their gate, as a row of its own; none where there are no such diffs.</summary>
    public IReadOnlyList<Cell> OfPassing(string name) => Answers.Any(answer => answer.PassesGate == true)
        ? [this with { Name = name, PaperName = name, Answers = [.. Answers.Where(answer => answer.PassesGate == true)] }]
        : [];

    /// <summary>Of these answers those about labels that another row has, too.</summary>
    public Cell WithLabelsOf(Cell other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var labels = other.Answers.Select(answer => answer.Subject.Label).ToHashSet(StringComparer.Ordinal);
        return this with { Answers = [.. Answers.Where(answer => labels.Contains(answer.Subject.Label))] };
    }

    /// <summary>The same answers, which are to be the code of the trigger in place of the label.</summary>
    /// <exception cref="DitException">A diff has no trigger.</exception>
    public Cell LabelledByTrigger() => this with
    {
        CanBeJudged = false,
        Answers = [.. Answers.Select(answer => answer with
        {
            Rank = null,
            Subject = answer.Subject with { Label = answer.Subject.Trigger?.Code ?? throw new DitException($"{answer.Subject.Id}: expected a diff with a trigger, found one without") },
        })],
    };

    /// <summary>The same answers, which are to be the label of the diff that was carried.</summary>
    public Cell LabelledByCarried(string name) => this with
    {
        Name = name,
        PaperName = name,
        Chance = null,
        Answers = [.. Answers.Select(answer => answer.Carried is { } carried ? answer with { Subject = carried, Group = carried.Label } : answer)],
    };
}
