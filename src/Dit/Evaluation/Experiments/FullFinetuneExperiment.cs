using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// An adapter that has learned from diffs of rank 1 is asked about finetunes in which every number of the layers' linear weights was trained;
/// unlike in the paper's, embeddings and norms stayed.
/// </summary>
internal sealed class FullFinetuneExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "full-finetune";

    /// <inheritdoc />
    public string Question => "Does an adapter that knows diffs of rank 1 read full finetunes?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var (usual, full) = (lab.HeldOut(Setting.HiddenTopic), lab.FullFinetunes(Setting.HiddenTopic));
        var adapters = lab.Adapters(Setting.HiddenTopic);
        var dit = lab.Methods.Dit(adapters);
        var read = lab.Ask("full finetunes", full, dit, seeds: lab.SweepSeeds) with { PaperName = "full" };
        return new Findings("diffs",
        [
            lab.Ask("rank 1, the same topics", usual, dit, seeds: lab.SweepSeeds).WithLabelsOf(read),
            read,
            lab.Ask("full finetunes, base question", full, lab.Methods.BaseQuestion(), seeds: lab.SweepSeeds),
            .. lab.Controls(full, adapters, "full finetunes", lab.SweepSeeds),
        ], new PlottedBars("Full finetunes")) { References = ["rank 1, the same topics"] };
    }
}
