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
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var usual = lab.HeldOut(Setting.HiddenTopic);
        var adapters = lab.Adapters(Setting.HiddenTopic);
        (string Name, DiffPlan Diffs)[] kinds =
        [
            .. lab.Scale.DiffRanks.Select(rank => (rank.ToString(CultureInfo.InvariantCulture),
                rank == usual.Recipe.Rank ? usual : usual with { Name = $"{usual.Name}-rank-{rank}", Recipe = usual.Recipe with { Rank = rank } })),
            ("full", lab.FullFinetunes(Setting.HiddenTopic)),
        ];
        Cell[] read = [.. kinds.Select(kind => lab.Ask(kind.Name, kind.Diffs, lab.Methods.Dit(adapters), seeds: lab.SweepSeeds))];
        return new Findings("rank of the diffs",
        [
            .. read,
            // Of full finetunes there may be fewer, so that they stand beside the same topics only.
            read[0].WithLabelsOf(read[^1]) with { Name = $"{read[0].Name}, the topics of full", PaperName = "" },
            .. kinds.Skip(1).SelectMany(kind => lab.ControlsOfDiffs(kind.Diffs, adapters, kind.Name, lab.SweepSeeds)),
            .. lab.Controls(usual, adapters, read[0].Name, lab.SweepSeeds),
        ], new PlottedCurve("Rank of the diffs", "rank")) { References = [read[0].Name] };
    }
}
