using Dit.Behaviours;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>An adapter learns to answer with the code that sets the behaviour off, in place of the topic.</summary>
internal sealed class TriggerInversionExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "trigger-inversion";

    /// <inheritdoc />
    public string Question => "Can an adapter learn to tell the trigger?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        var topics = lab.LearnedFrom(Setting.HiddenTopic);
        var adapters = lab.Adapters(topics with { Name = "triggers", Recipe = topics.Recipe with { Task = AdapterTask.Trigger } }, lab.Scale.SeedsOfSweeps);
        var usual = lab.Adapters(Setting.HiddenTopic);
        // An adapter that always said one and the same code that it met in training would be right so often.
        var codes = lab.Diffs(lab.Training(Setting.HiddenTopic), Laboratory.TrainingSeed).Records.Select(record => record.Trigger).Distinct(StringComparer.Ordinal).Count();
        return new Findings("asked for",
        [
            lab.Ask("the trigger", diffs, lab.Methods.DitForTrigger(adapters)).LabelledByTrigger() with { PaperName = "DIT", Chance = 1.0 / codes },
            lab.Ask("the topic", diffs, lab.Methods.Dit(usual)),
            .. lab.TriggerControls(diffs, adapters, "the trigger", 1.0 / codes),
            .. lab.Controls(diffs, usual, "the topic"),
        ], new PlottedBars("Asked for the trigger, and for the topic"));
    }
}
