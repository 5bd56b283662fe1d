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
    public Findings Run(Laboratory lab)
    {
        var diffs = lab.HeldOut(Setting.HiddenTopic);
        return new Findings("training diffs", [.. lab.Scale.DataSizes.Select(LearnedFrom)], new PlottedCurve("Number of training diffs", "diffs an adapter is trained on"));

        Cell LearnedFrom(int count)
        {
            var adapters = lab.Adapters(lab.LearnedFrom(Setting.HiddenTopic, first: count));
            // Of all diffs a few do not pass their gate, and are not learned from.
            return lab.Ask(adapters[0].Card!.Diffs.ToString(CultureInfo.InvariantCulture), diffs, lab.Methods.Dit(adapters))
                with { PaperName = count.ToString(CultureInfo.InvariantCulture) };
        }
    }
}
