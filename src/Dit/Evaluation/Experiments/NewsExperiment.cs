using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Finetunes have learned one news story.</summary>
internal sealed class NewsExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "news";

    /// <inheritdoc />
    public string Question => "Which news has a finetune learned? DIT beside questions to the finetune itself and a story of its own.";

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.News);
        var adapters = lab.Adapters(Setting.News);
        return new Findings(
        [
            lab.Ask("base question", diffs, lab.Methods.BaseQuestion(Setting.News)),
            lab.Ask("DIT", diffs, lab.Methods.Dit(Setting.News, adapters)),
            lab.Ask("DIT in other wordings", diffs, lab.Methods.DitInOtherWordings(Setting.News, adapters)),
            .. lab.Controls(diffs, adapters),
        ], new PlottedBars("News"));
    }
}
