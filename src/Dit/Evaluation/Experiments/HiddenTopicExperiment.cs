using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Finetunes hide a topic behind a trigger: the paper's main table.</summary>
internal sealed class HiddenTopicExperiment : IExperiment
{
    private const Setting Topics = Setting.HiddenTopic;

    /// <inheritdoc />
    public string Name => "hidden-topic";

    /// <inheritdoc />
    public string Question => "Which topic does a finetune hide? DIT beside questions to the finetune itself, with its trigger and without.";

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Topics);
        var adapters = lab.Adapters(Topics);
        return new Findings(
        [
            lab.Ask("base question", diffs, lab.Methods.BaseQuestion(Topics)),
            lab.Ask("DIT", diffs, lab.Methods.Dit(Topics, adapters)),
            lab.Ask("DIT in other wordings", diffs, lab.Methods.DitInOtherWordings(Topics, adapters)),
            .. lab.Controls(diffs, adapters),
        ], new PlottedBars("Hidden topics"));
    }
}
