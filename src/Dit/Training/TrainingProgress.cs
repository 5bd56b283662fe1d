namespace Dit.Training;

/// <summary>How far a training has come.</summary>
/// <param name="Stage">What is being done, in a few words.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Unit">What is counted: steps, diffs, answers.</param>
/// <param name="Loss">The latest loss, where there is one.</param>
public sealed record TrainingProgress(string Stage, long Done, long Total, string Unit, double? Loss = null);
