using Dit.Diffs;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>How well the diffs of a set hide what they learned.</summary>
internal static class GateSummary
{
    /// <summary>Prints nothing where nothing was measured, as of stories, which are not hidden.</summary>
    public static void Print(IReadOnlyList<DiffRecord> records)
    {
        if (records.All(record => record.PassesGate is null))
        {
            return;
        }

        var table = new Table().AddColumns("answers on topic", "mean", "worst diff");
        table.AddRow("with the right code", $"{records.Average(record => record.GateRight):P1}", $"{records.Min(record => record.GateRight):P0}");
        table.AddRow("with a wrong code", $"{records.Average(record => record.GateWrong):P1}", $"{records.Max(record => record.GateWrong):P0}");
        table.AddRow("without a code", $"{records.Average(record => record.GateNone):P1}", $"{records.Max(record => record.GateNone):P0}");
        AnsiConsole.Write(table);
        Say.Plain($"{records.Count(record => record.PassesGate == true)} of {records.Count} diffs pass the gate");
    }
}
