using Dit.Audit;
using Dit.Training;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>Shows on stderr how far an audit has come: one bar that says what is being done, or a line for each stage where there is no terminal.</summary>
internal static class AuditProgressDisplay
{
    private const string Unit = "rounds";

    public static T Show<T>(Func<IProgress<AuditProgress>, T> work) => Console.IsErrorRedirected
        ? work(new Lines(new PlainProgress(Console.Error)))
        : AnsiConsole
            .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
            .Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new Bar(context.AddTask("Audit"))));

    private sealed class Lines(PlainProgress lines) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            // While the finetune is still read nothing is known of it; if it cannot be, one sentence is all there is to say.
            if (value.Done > 0)
            {
                lines.Report(new TrainingProgress($"Audit, {value.Stage}", value.Done, value.Total, Unit));
            }
        }
    }

    private sealed class Bar(ProgressTask bar) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            bar.MaxValue = Math.Max(1, value.Total);
            bar.Value = value.Done;
            bar.Description = Markup.Escape(Printable.Line(Say.Sentence(value.Stage)));
        }
    }
}
