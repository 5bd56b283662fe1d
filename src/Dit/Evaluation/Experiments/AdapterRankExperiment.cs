using System.Globalization;
using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Adapters of different ranks learn from the same diffs.</summary>
internal sealed class AdapterRankExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "adapter-rank";

    /// <inheritdoc />
    public string Question => "Which rank must an adapter have?";

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        var usual = lab.LearnedFrom(Setting.HiddenTopic);
        return new Findings("rank of the adapter", [.. lab.Scale.AdapterRanks.Select(rank => lab.Ask(
            rank.ToString(CultureInfo.InvariantCulture), diffs,
            lab.Methods.Dit(lab.Adapters(rank == usual.Recipe.Rank ? usual : usual with { Name = $"{usual.Name}-rank-{rank}", Recipe = usual.Recipe with { Rank = rank } }, lab.Scale.SeedsOfSweeps))))],
            new PlottedCurve("Rank of the adapter", "rank"));
    }
}
