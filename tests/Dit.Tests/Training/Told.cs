namespace Dit.Training;

/// <summary>Hears of every step while it happens (the framework's own Progress would tell of it some time later), and may disturb the run.</summary>
internal sealed class Told(Action<TrainingProgress> hear, CancellationToken cancellation = default) : IProgress<TrainingProgress>
{
    /// <summary>An undisturbed run.</summary>
    public static Told Nothing { get; } = new(_ => { });

    /// <summary>To be given to the run.</summary>
    public CancellationToken Cancellation => cancellation;

    public void Report(TrainingProgress value) => hear(value);

    /// <summary>Asks a run to stop once so many steps, or whatever it counts, are done.</summary>
    public static Told Cancel(long after)
    {
        var source = new CancellationTokenSource();
        return new Told(
            progress =>
            {
                if (progress.Done >= after)
                {
                    source.Cancel();
                }
            },
            source.Token);
    }

    /// <summary>Asks a run to stop before it begins.</summary>
    public static Told CancelAtOnce() => new(_ => { }, new CancellationToken(canceled: true));

    /// <summary>Ends a run as a lost machine would: without another word.</summary>
    public static Told Kill(long after) => new(progress =>
    {
        if (progress.Done >= after)
        {
            throw new KilledException();
        }
    });
}

internal sealed class KilledException : Exception;
