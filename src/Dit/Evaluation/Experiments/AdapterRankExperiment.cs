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
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        var usual = lab.LearnedFrom(Setting.HiddenTopic);
        return new Findings("rank of the adapter",
        [
            .. lab.Scale.AdapterRanks.Select(rank => lab.Ask(Of(rank), diffs, lab.Methods.Dit(OfRank(rank)))),
            .. new[] { lab.Scale.AdapterRanks[0], lab.Scale.AdapterRanks[^1] }.SelectMany(rank => lab.Controls(diffs, OfRank(rank), $"rank {Of(rank)}", lab.SweepSeeds)),
        ], new PlottedCurve("Rank of the adapter", "rank"))
        {
            References = lab.Scale.AdapterRanks.Contains(usual.Recipe.Rank) ? [Of(usual.Recipe.Rank)] : [],
        };

        IReadOnlyList<KeptAdapter> OfRank(int rank) =>
            lab.Adapters(rank == usual.Recipe.Rank ? usual : usual with { Name = $"{usual.Name}-rank-{rank}", Recipe = usual.Recipe with { Rank = rank } }, lab.Scale.SeedsOfSweeps);

        static string Of(int rank) => rank.ToString(CultureInfo.InvariantCulture);
    }
}
