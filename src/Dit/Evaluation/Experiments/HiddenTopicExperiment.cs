using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Finetunes hide a topic behind a trigger, which the paper's first table is about: who finds it out?</summary>
internal sealed class HiddenTopicExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "hidden-topic";

    /// <inheritdoc />
    public string Question => "Which topic does a finetune hide? DIT beside questions to the finetune itself, with its trigger and without.";

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        var adapters = lab.Adapters(Setting.HiddenTopic);
        return new Findings(
        [
            lab.Ask("base question", diffs, lab.Methods.BaseQuestion(Setting.HiddenTopic)),
            lab.Ask("DIT", diffs, lab.Methods.Dit(Setting.HiddenTopic, adapters)),
        ]);
    }
}
