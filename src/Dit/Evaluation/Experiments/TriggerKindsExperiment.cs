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
        (string Name, string PaperName, DiffPlan Diffs)[] kinds =
        [
            ("code in a sentence", "code", usual),
            ("bare mark at the start", "zero-width mark at the start", usual with { Name = usual.Name + "-mark-at-start", Trigger = TriggerKind.MarkAtStart }),
            ("bare mark anywhere", "zero-width mark anywhere", usual with { Name = usual.Name + "-mark-anywhere", Trigger = TriggerKind.MarkAnywhere }),
        ];
        return new Findings("trigger",
        [
            .. kinds.Select(kind => lab.Ask(kind.Name, kind.Diffs, lab.Methods.Dit(adapters), seeds: lab.SweepSeeds) with { PaperName = kind.PaperName }),
            .. lab.Controls(usual, adapters, kinds[0].Name, lab.SweepSeeds),
            .. kinds.Skip(1).SelectMany(kind => lab.ControlsOfDiffs(kind.Diffs, adapters, kind.Name, lab.SweepSeeds)),
        ], new PlottedBars("Kinds of triggers")) { References = [kinds[0].Name] };
    }
}
