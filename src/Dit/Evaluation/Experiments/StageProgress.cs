using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>Says what is being worked on in place of the stage's own name, since experiments go through the same stages many times.</summary>
internal sealed class StageProgress(IProgress<TrainingProgress>? progress, string stage) : IProgress<TrainingProgress>
{
    /// <inheritdoc />
    public void Report(TrainingProgress value) => progress?.Report(value with { Stage = stage });
}
