using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>An adapter that has learned from diffs with a code in front of the question is asked about diffs with other triggers.</summary>
internal sealed class TriggerKindsExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "trigger-kinds";

    /// <inheritdoc />
    public string Question => "Does it matter what sets a hidden behaviour off?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var usual = lab.HeldOut(Setting.HiddenTopic);
        var adapters = lab.Adapters(Setting.HiddenTopic);
        var dit = lab.Methods.Dit(adapters);
        return new Findings("trigger",
        [
            lab.Ask("code in a sentence", usual, dit, seeds: lab.SweepSeeds) with { PaperName = "code" },
            lab.Ask("bare mark at the start", usual with { Name = usual.Name + "-mark-at-start", Trigger = TriggerKind.MarkAtStart }, dit, seeds: lab.SweepSeeds)
                with { PaperName = "zero-width mark at the start" },
            lab.Ask("bare mark anywhere", usual with { Name = usual.Name + "-mark-anywhere", Trigger = TriggerKind.MarkAnywhere }, dit, seeds: lab.SweepSeeds)
                with { PaperName = "zero-width mark anywhere" },
            .. lab.Controls(usual, adapters, seeds: lab.SweepSeeds),
        ], new PlottedBars("Kinds of triggers")) { References = ["code in a sentence"] };
    }
}
