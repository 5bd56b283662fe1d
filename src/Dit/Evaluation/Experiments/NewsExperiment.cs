using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Finetunes have learned one news story each.</summary>
internal sealed class NewsExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "news";

    /// <inheritdoc />
    public string Question => "Which news has a finetune learned? DIT beside six other methods.";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.News];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.News);
        var adapters = lab.Adapters(Setting.News);
        return new Findings("method",
        [
            lab.Ask("base question", diffs, lab.Methods.BaseQuestion()),
            lab.Ask("20 questions", diffs, lab.Methods.TwentyQuestions(diffs)),
            lab.Ask("contrastive decoding", diffs, lab.Methods.ContrastiveDecoding(diffs)),
            lab.Ask("logit difference", diffs, lab.Methods.LogitDifference(diffs)),
            lab.Ask("amplified diff", diffs, lab.Methods.AmplifiedDiff(diffs)),
            lab.Ask("generated story", diffs, lab.Methods.GeneratedStory()),
            lab.Ask("DIT", diffs, lab.Methods.Dit(adapters)),
            lab.Ask("DIT in other wordings", diffs, lab.Methods.DitInOtherWordings(Setting.News, adapters)),
            .. lab.Controls(diffs, adapters),
        ], new PlottedBars("News")) { References = ["DIT"] };
    }
}
