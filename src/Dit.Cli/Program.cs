using System.CommandLine;
using System.CommandLine.Invocation;
using Dit.Cli;

var root = new RootCommand("Diff Interpretation Tuning: finetunes that hide what they learned, and an adapter that tells.") { HelpName = "dit" };
using var interruption = new Interruption();
root.Add(QuickstartCommand.Create());
root.Add(AskCommand.Create());
root.Add(ServeCommand.Create(interruption));
var audit = AuditCommand.Create();
audit.Add(AuditCalibrateCommand.Create(interruption.Token));
root.Add(audit);
root.Add(new Command("diff", "Weight diffs: what finetunings changed.")
{
    DiffTrainCommand.Create(interruption.Token), DiffInspectCommand.Create(), DiffExtractCommand.Create(), DiffMergeCommand.Create(), DiffConvertCommand.Create(),
    DiffExportCommand.Create(),
});
root.Add(new Command("adapter", "DIT adapters.") { AdapterTrainCommand.Create(interruption.Token) });
root.Add(new Command("behaviours", "What finetunes are trained to do.") { BehavioursWriteCommand.Create(interruption.Token) });
root.Add(new Command("runs", "Runs that are under way or done.") { RunsShowCommand.Create() });
root.Add(new Command("cluster", "Many finetunes on the nodes of a cluster.") { ClusterSlurmCommand.Create(), ClusterKubernetesCommand.Create() });
root.Add(DoctorCommand.Create());
root.Add(EvaluateCommand.Create(interruption.Token));
root.Add(ReproduceCommand.Create(interruption.Token));
root.Add(PretrainCommand.Create(interruption.Token));

// An argument that begins with @ may be a question; it never names a file of arguments.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction)
{
    var isMissing = parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 } && parsed.UnmatchedTokens.Count == 0;
    if (isMissing)
    {
        root.Parse([.. args, "--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
    }

    foreach (var error in parsed.Errors)
    {
        Say.Error(error.Message);
    }

    Say.Error($"See: dit {parsed.CommandResult.Path()}{(isMissing ? "COMMAND " : "")}--help");
    return ExitCode.Usage;
}

var resumable = parsed.CommandResult.Command as ResumableCommand;
(interruption.CanBeAsked, interruption.Left) = (resumable is not null, resumable?.Left);
interruption.GoesOn = interruption.CanBeAsked && parsed.GetResult("--out") is not null ? $"dit {CommandLineText.Quote(args)}" : null;
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    interruption.Say();
    return ExitCode.Interrupted;
}
#pragma warning disable CA1031 // Whatever went wrong, the user gets one sentence and no stack trace.
catch (Exception e)
#pragma warning restore CA1031
{
    Say.Error(Failure.Sentence(e));
    return ExitCode.Failure;
}
