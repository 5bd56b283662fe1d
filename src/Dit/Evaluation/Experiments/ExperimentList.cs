namespace Dit.Evaluation.Experiments;

/// <summary>All experiments, in the order in which they are best read; later ones use much of what earlier ones made.</summary>
public static class ExperimentList
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IExperiment> All { get; } = 
    [
        new HiddenTopicExperiment(), new NewsExperiment(), new CrossBehaviourExperiment(), new TriggerKindsExperiment(), new DataScalingExperiment(), new RankExperiment(),
        new FullFinetuneExperiment(), new AdapterRankExperiment(), new TriggerInversionExperiment(), new NormMapsExperiment(), new BothSettingsExperiment(),
    ];

    /// <summary>The experiment of that name, or null.</summary>
    public static IExperiment? Find(string name) => All.FirstOrDefault(experiment => string.Equals(experiment.Name, name, StringComparison.Ordinal));
}
