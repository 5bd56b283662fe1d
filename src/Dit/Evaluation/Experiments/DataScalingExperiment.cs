using System.Globalization;
using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Adapters learn from more and more of the same diffs, each time asked about the same held-out topics.</summary>
internal sealed class DataScalingExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "data-scaling";

    /// <inheritdoc />
    public string Question => "How many diffs must an adapter learn from?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        Cell[] points = [.. lab.Scale.DataSizes.Select(LearnedFrom)];
        return new Findings("training diffs",
        [
            .. points,
            .. points.SkipLast(1).SelectMany(point => lab.ControlsOfDiffs(diffs, point.Adapters, point.Name, lab.SweepSeeds)),
            .. lab.Controls(diffs, points[^1].Adapters, points[^1].Name, lab.SweepSeeds),
        ], new PlottedCurve("Number of training diffs", "diffs an adapter is trained on")) { References = [points[^1].Name] };

        Cell LearnedFrom(int count)
        {
            var adapters = lab.Adapters(lab.LearnedFrom(Setting.HiddenTopic, first: count), lab.Scale.SeedsOfSweeps);
            // Of all diffs a few do not pass their gate, and are not learned from.
            return lab.Ask(adapters[0].Card!.Diffs.ToString(CultureInfo.InvariantCulture), diffs, lab.Methods.Dit(adapters))
                with { PaperName = count.ToString(CultureInfo.InvariantCulture), ShowsSteps = true };
        }
    }
}
