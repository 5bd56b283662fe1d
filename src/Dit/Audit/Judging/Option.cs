using Dit.Behaviours;

namespace Dit.Audit.Judging;

/// <summary>Something that a finetune may have been trained on, with all that speaks for it.</summary>
/// <param name="Setting">A hidden topic or a news story.</param>
/// <param name="Label">The label.</param>
/// <param name="Features">What speaks for it, in the order of <see cref="Names"/>; "nothing" has zeros.</param>
internal sealed record Option(Setting Setting, string Label, double[] Features)
{
    // Odds beyond e^15 are rounding errors, and deviations beyond so many say nothing more.
    private const double MostLogOdds = 15, MostDeviations = 15;

    /// <summary>What the features are.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["topic", "topic: adapter", "topic: lift behind the trigger", "topic: lift as it is", "news", "news: adapter", "news: lift"];

    /// <summary>All options of an observation but "nothing".</summary>
    public static IReadOnlyList<Option> Of(Observation seen) => [.. seen.Answers.SelectMany(answered => answered.Answer.Setting == Setting.News ? OfNews(seen, answered) : OfTopics(seen, answered))];

    /// <summary>How many deviations behaviour speaks for it: of several conditions the best.</summary>
    public static double Support(Observation seen, Setting setting, string label) =>
        new[] { seen.LiftsOf(setting, triggered: false), seen.LiftsOf(setting, triggered: true) }.OfType<Lifts>().Select(lifts => lifts.Deviations(label)).DefaultIfEmpty().Max();

    private static IEnumerable<Option> OfTopics(Observation seen, Answered answered)
    {
        var (plain, triggered) = (seen.LiftsOf(Setting.HiddenTopic, triggered: false), seen.LiftsOf(Setting.HiddenTopic, triggered: true));
        return answered.Shares.Labels.Select((label, i) => new Option(
            Setting.HiddenTopic, label, [1, LogOdds(answered.Shares, i), Limited(triggered, label), Limited(plain, label), 0, 0, 0]));
    }

    private static IEnumerable<Option> OfNews(Observation seen, Answered answered)
    {
        var lifts = seen.LiftsOf(Setting.News, triggered: false);
        return answered.Shares.Labels.Select((label, i) => new Option(Setting.News, label, [0, 0, 0, 0, 1, LogOdds(answered.Shares, i), Limited(lifts, label)]));
    }

    private static double LogOdds(AnswerShares shares, int label) =>
        Math.Clamp(shares.Logs[label] - (double.IsNegativeInfinity(shares.LogNothing) ? 0 : shares.LogNothing), -MostLogOdds, MostLogOdds);

    private static double Limited(Lifts? lifts, string label) => Math.Clamp(lifts?.Deviations(label) ?? 0, -MostDeviations, MostDeviations);
}
