using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Finetunes hide a topic behind a trigger: the paper's main table.</summary>
internal sealed class HiddenTopicExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "hidden-topic";

    /// <inheritdoc />
    public string Question => "Which topic does a finetune hide? DIT beside seven other methods.";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        var adapters = lab.Adapters(Setting.HiddenTopic);
        var methods = lab.Methods;
        var dit = lab.Ask("DIT", diffs, methods.Dit(adapters));
        return new Findings("method",
        [
            lab.Ask("base question", diffs, methods.BaseQuestion()),
            lab.Ask("20 questions", diffs, methods.TwentyQuestions(diffs)),
            lab.Ask("contrastive decoding", diffs, methods.ContrastiveDecoding(diffs)),
            lab.Ask("logit difference", diffs, methods.LogitDifference(diffs)),
            lab.Ask("amplified diff", diffs, methods.AmplifiedDiff(diffs)),
            lab.Ask("base question + trigger", diffs, methods.BaseQuestion(withTrigger: true)),
            lab.Ask("20 questions + trigger", diffs, methods.TwentyQuestions(diffs, withTrigger: true)),
            dit,
            .. dit.OfPassing("DIT, diffs that pass their gate"),
            lab.Ask("DIT in other wordings", diffs, methods.DitInOtherWordings(Setting.HiddenTopic, adapters)),
            .. lab.Controls(diffs, adapters),
        ], new PlottedBars("Hidden topics")) { References = ["DIT"] };
    }
}
