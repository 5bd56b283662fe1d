using System.CommandLine;
namespace Dit.Cli;
internal static class QuickstartCommand { public static Command Create(CancellationToken stop) => new("quickstart", "x"); }
internal static class AskCommand { public static Command Create() => new("ask", "x"); }
internal static class DiffExportCommand { public static Command Create() => new("export", "x"); }
internal static class EvaluateCommand { public static Command Create(CancellationToken stop) => new("evaluate", "x"); }
