using System.Globalization;
using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>An adapter that has learned from diffs of one rank is asked about diffs of higher ranks.</summary>
internal sealed class RankExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "rank";

    /// <inheritdoc />
    public string Question => "Does an adapter that knows diffs of rank 1 read those of higher rank?";

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var usual = lab.HeldOut(Setting.HiddenTopic);
        var dit = lab.Methods.Dit(lab.Adapters(lab.LearnedFrom(Setting.HiddenTopic)));
        return new Findings("rank of the diffs", [.. lab.Scale.DiffRanks.Select(rank => lab.Ask(
            rank.ToString(CultureInfo.InvariantCulture),
            rank == usual.Recipe.Rank ? usual : usual with { Name = $"{usual.Name}-rank-{rank}", Recipe = usual.Recipe with { Rank = rank } },
            dit, seeds: lab.SweepSeeds)), lab.Ask("full", lab.FullFinetunes(Setting.HiddenTopic), dit, seeds: lab.SweepSeeds)],
            new PlottedCurve("Rank of the diffs", "rank"));
    }
}
