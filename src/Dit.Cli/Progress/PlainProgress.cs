using Dit.Training;

namespace Dit.Cli;

/// <summary>A plain line when a stage begins, every ten seconds, and when it ends.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Pace pace = new();
    private TimeSpan next;

    /// <inheritdoc />
    public void Report(TrainingProgress value)
    {
        if (pace.Count(value))
        {
            next = TimeSpan.Zero;
        }

        if (pace.Elapsed >= next || value.Done == value.Total)
        {
            next = pace.Elapsed + Interval;
            var details = pace.Describe(value);
            output.WriteLine($"{value.Stage}: {value.Done} of {value.Total} {value.Unit}{(details.Length > 0 ? ", " : "")}{details}");
        }
    }
}
