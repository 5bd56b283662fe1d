using Dit.Training;

namespace Dit.Cli;

/// <summary>Shows on stderr how far work has come, with its rate and the time left: a live bar on a terminal, else a plain line now and then.</summary>
internal static class ProgressDisplay
{
    public static T Show<T>(Func<IProgress<TrainingProgress>, T> work) =>
        Console.IsErrorRedirected ? work(new PlainProgress(Console.Error)) : LiveProgress.Show(work);
}
