using Dit.Training;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>A live bar on the terminal, one for each stage.</summary>
internal sealed class LiveProgress(ProgressContext context) : IProgress<TrainingProgress>
{
    private readonly Pace pace = new();
    private ProgressTask? bar;

    public static T Show<T>(Func<IProgress<TrainingProgress>, T> work) => AnsiConsole
        .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
        .Progress()
        .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .Start(context => work(new LiveProgress(context)));

    /// <inheritdoc />
    public void Report(TrainingProgress value)
    {
        if (pace.Count(value))
        {
            bar?.StopTask();
            bar = context.AddTask(Markup.Escape(value.Stage), maxValue: value.Total);
        }

        bar!.Value = value.Done;
        bar.Description = Markup.Escape($"{value.Stage}: {value.Done} of {value.Total} {value.Unit}  {pace.Describe(value)}");
    }
}
