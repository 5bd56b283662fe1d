namespace Dit.Training;

/// <summary>A learning rate over the course of a training.</summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="WarmupSteps">Steps over which it rises from near 0 to the peak.</param>
/// <param name="DecayToZero">Whether it then falls in a straight line that meets 0 right behind the last step; otherwise it stays.</param>
public sealed record LearningRate(double Peak, int WarmupSteps = 0, bool DecayToZero = false)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">Counted from 0.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    public double At(int step, int totalSteps)
    {
        var rate = step < WarmupSteps ? Peak * (step + 1) / WarmupSteps : Peak;
        return DecayToZero && step >= WarmupSteps ? rate * (totalSteps - step) / Math.Max(1, totalSteps - WarmupSteps) : rate;
    }
}
