using System.Diagnostics;
using Dit.Training;

namespace Dit.Cli;

/// <summary>Rate and time left of a stage, counted from where this process began with it: a resumed run does not look fast.</summary>
internal sealed class Pace
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private TrainingProgress? first, last;

    /// <summary>How long this stage has been running.</summary>
    public TimeSpan Elapsed => clock.Elapsed;

    /// <summary>Counts one report, and tells whether a stage begins with it: one of another name, or of the same name from the start.</summary>
    public bool Count(TrainingProgress progress)
    {
        var begins = last is null || last.Stage != progress.Stage || progress.Done < last.Done;
        if (begins)
        {
            first = progress;
            clock.Restart();
        }

        last = progress;
        return begins;
    }

    /// <summary>Such as <c>12.3 steps/s, loss 1.23, 4:56 left</c>.</summary>
    public string Describe(TrainingProgress now)
    {
        var parts = new List<string>();
        var perSecond = (now.Done - (first?.Done ?? 0)) / clock.Elapsed.TotalSeconds;
        if (perSecond > 0)
        {
            parts.Add(perSecond >= 1 ? $"{perSecond:0.0} {now.Unit}/s" : $"{perSecond * 60:0.0} {now.Unit}/min");
        }

        if (now.Loss is { } loss)
        {
            parts.Add($"loss {loss:0.000}");
        }

        if (perSecond > 0)
        {
            var left = TimeSpan.FromSeconds((now.Total - now.Done) / perSecond);
            parts.Add(left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss} left" : $"{left.Minutes}:{left:ss} left");
        }

        return string.Join(", ", parts);
    }
}
