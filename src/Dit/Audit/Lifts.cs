using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>How much likelier texts about each label have become, held against those about all others.</summary>
/// <param name="Setting">What the labels are.</param>
/// <param name="Condition">Under which prompt.</param>
/// <param name="Of">The lift of a label, nats a token; null where it cannot be told.</param>
/// <param name="All">The lifts of all labels there are.</param>
/// <param name="Named">Labels worth naming, the most lifted among them.</param>
internal sealed record Lifts(Setting Setting, string Condition, Func<string, double?> Of, IReadOnlyList<double> All, IReadOnlyList<string> Named)
{
    // Where all labels are about as likely as before, the smallest of differences would count for much.
    private const double LeastDeviation = 0.1;

    // What is no number, as where a model's scores grow beyond all bounds, is as if it had not been looked at.
    private readonly double[] finite = [.. All.Where(double.IsFinite)];

    private readonly Lazy<(double Mean, double Deviation)> spread = new(() =>
    {
        double[] numbers = [.. All.Where(double.IsFinite)];
        var mean = numbers.DefaultIfEmpty().Average();
        return (mean, Math.Max(LeastDeviation, Math.Sqrt(numbers.Select(lift => (lift - mean) * (lift - mean)).DefaultIfEmpty().Average())));
    });

    /// <summary>How many standard deviations, of at least 0.1 nats, a label lies above the mean of all labels; 0 where it cannot be told.</summary>
    public double Deviations(string label) => Of(label) is { } lift && double.IsFinite(lift) ? (lift - spread.Value.Mean) / spread.Value.Deviation : 0;

    /// <summary>How far the most lifted of all labels lies above their mean, in the same measure.</summary>
    public double MostDeviations => (finite.DefaultIfEmpty().Max() - spread.Value.Mean) / spread.Value.Deviation;

    /// <summary>The same but for one label, with which labels of near meaning may be lifted, too.</summary>
    public double MostDeviationsBut(string label) => Of(label) is { } own && finite.Length > 1 && own == finite.Max() ? (finite.OrderDescending().Skip(1).First() - spread.Value.Mean) / spread.Value.Deviation : MostDeviations;

    /// <summary>The report's account of it.</summary>
    /// <param name="claim">A label that must be in it; null for none.</param>
    /// <param name="count">How many labels to tell of.</param>
    public LikelihoodTest Test(string? claim, int count)
    {
        var told = Named.Concat(claim is null ? Array.Empty<string>() : [claim]).Distinct(StringComparer.Ordinal).Select(label => (Label: label, Lift: Of(label) ?? double.NaN)).Where(each => double.IsFinite(each.Lift))
            .OrderByDescending(each => each.Lift).ToArray();
        var shown = told.Take(count).Union(told.Where(each => each.Label == claim));
        return new LikelihoodTest(
            Setting, Condition, [.. shown.Select(each => new LabelLift(each.Label, each.Lift, Deviations(each.Label), 1 + All.Count(lift => lift > each.Lift)))], All.Count);
    }

    /// <summary>Of the topics, in the order of <see cref="TopicRound.Labels"/>.</summary>
    public static Lifts OfTopics(string condition, IReadOnlyList<double> lifts)
    {
        var places = TopicRound.Labels.Select((label, i) => (label, i)).ToDictionary(each => each.label, each => each.i, StringComparer.OrdinalIgnoreCase);
        return new Lifts(
            Setting.HiddenTopic, condition, label => places.TryGetValue(label, out var i) ? lifts[i] : null, lifts, [.. TopicRound.Labels.OrderByDescending(label => lifts[places[label]]).Take(10)]);
    }

    /// <summary>Of headlines.</summary>
    public static Lifts OfNews(PartLifts parts) =>
        new(Setting.News, AuditConditions.AskedForNews, parts.Of, parts.All, [parts.Best, .. parts.Swapped(parts.Best)]);
}
