using System.Globalization;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Readiness;
using Dit.Training;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>What <c>dit doctor</c> prints.</summary>
internal static class DoctorReport
{
    public static void Print(BaseCheck check, Machine machine, DoctorSettings settings, IReadOnlyList<PlannedWork> plan)
    {
        Say.Line((check.Folder, Say.Bold));
        foreach (var one in check.Checks)
        {
            // The folder stands above already.
            Line(one.Outcome, one.Subject, one.Sentence.Replace(Path.TrimEndingDirectorySeparator(check.Folder) + "/", "", StringComparison.Ordinal));
        }

        AnsiConsole.WriteLine();
        Say.Line(("This machine", Say.Bold));
        Line(null, "memory", $"{ByteSize.Text(machine.Memory.Total)}{(machine.Memory.IsLimited ? " allowed" : "")}, {ByteSize.Text(machine.Memory.Available)} of it available");
        Line(null, "processor", $"{Number(machine.Cores, "core")}, {Number(machine.Threads, "thread")}{(machine.Vectors.Length > 0 ? ", " + machine.Vectors : "")}");
        Line(null, "libtorch", $"{machine.Libtorch}, {(machine.CudaDevices > 0 ? Number(machine.CudaDevices, "CUDA device") : "no CUDA")}");
        if (plan.Count > 0)
        {
            AnsiConsole.WriteLine();
            Memory(check, settings, plan);
        }

        AnsiConsole.WriteLine();
        Verdict(check, machine, plan);
    }

    private static void Memory(BaseCheck check, DoctorSettings settings, IReadOnlyList<PlannedWork> plan)
    {
        var table = new Table { Border = TableBorder.Simple, Title = null }.AddColumns($"[bold]memory, {settings.Tokens} tokens a row[/]", "type");
        table.AddColumn(new TableColumn("weights").RightAligned()).AddColumn(new TableColumn("in all").RightAligned()).AddColumn("fits");

        // What fits in float32 needs no other way.
        foreach (var work in plan.Where(work => work.Kept == KeptWeights.AsComputed || plan.Any(other => other.Work == work.Work && other.Kept == KeptWeights.AsComputed && !other.Fits)))
        {
            var weights = work.Estimate.Terms.First(term => term.Name == "weights").Bytes;
            table.AddRow(
                work.Work switch
                {
                    Work.Asking => $"asking, {settings.Batch} at once",
                    Work.TrainingDiffs => $"{Number(settings.Batch, "diff")} of rank {settings.Rank}, training",
                    _ => $"the adapter, {settings.Batch} a step",
                },
                work.Type.Name() + (work.Work == Work.Asking && work.Type == check.Type ? " (own)" : "") + (work.Kept.Name() is { } kept ? $", base in {kept}" : ""),
                ByteSize.Text(weights),
                ByteSize.Text(work.Estimate.Total),
                (work.Fits ? "[green]✓[/] " : "[red]✗[/] ") + (work.LargestBatch >= MemoryPlan.MostRows ? "" : $"up to {work.LargestBatch.ToString("N0", CultureInfo.InvariantCulture)}"));
        }

        AnsiConsole.Write(table);
    }

    private static void Verdict(BaseCheck check, Machine machine, IReadOnlyList<PlannedWork> plan)
    {
        if (!check.IsUsable)
        {
            var problems = check.Checks.Count(one => one.Outcome == CheckOutcome.Failed);
            Say.Line(("✗ ", new Style(Color.Red)), ($"It cannot be used as a base: {Number(problems, "problem")} above.", null));
            return;
        }

        if (plan.Where(work => work.Work == Work.Asking).All(work => work.LargestBatch == 0))
        {
            Say.Line(("✗ ", new Style(Color.Red)), ($"It is whole, but too large for the {ByteSize.Text(machine.Memory.Available)} available here.", null));
            return;
        }

        Say.Line(("✓ ", new Style(Color.Green)), ("It can be used here.", null));
        foreach (var work in plan.Where(work => !work.Fits && work.Kept == KeptWeights.AsComputed))
        {
            Say.Line(("! ", new Style(Color.Yellow)), (Advice(work, [.. plan.Where(other => other.Work == work.Work)]), null));
        }
    }

    /// <summary>What to change where something does not fit.</summary>
    private static string Advice(PlannedWork work, PlannedWork[] ways)
    {
        var what = work.Work switch { Work.Asking => $"Asking in {work.Type.Name()}", Work.TrainingDiffs => "Training diffs", _ => "Training the adapter" };
        if (Array.Find(ways, other => other.Kept != KeptWeights.AsComputed && (other.Fits || (work.LargestBatch == 0 && other.LargestBatch > 0))) is { } narrow)
        {
            var fewer = narrow.Fits ? "" : $" with {narrow.LargestBatch} at once";
            return $"{what} does not fit {(work.LargestBatch > 0 ? $"with {work.Batch} at once" : "at all")} in float32: keep the base in {narrow.Kept.Name()} (--base-weights {narrow.Kept.Name()}){fewer}.";
        }

        if (work.LargestBatch > 0)
        {
            return $"{what} does not fit with {work.Batch} at once: take {work.LargestBatch}, or fewer tokens.";
        }

        return work.Work == Work.Asking && Array.Find(ways, other => other.LargestBatch > 0) is { } instead
            ? $"{what} does not fit at all: ask in {instead.Type.Name()} (--dtype {instead.Type.Name()})."
            : $"{what} does not fit at all: it takes a machine with more memory, or a smaller base.";
    }

    private static void Line(CheckOutcome? outcome, string subject, string text)
    {
        var (mark, colour) = outcome switch
        {
            CheckOutcome.Passed => ("✓", Color.Green), CheckOutcome.Noted => ("!", Color.Yellow), CheckOutcome.Failed => ("✗", Color.Red), _ => (" ", Color.Default),
        };
        Say.Line(($"  {mark} ", new Style(colour)), ($"{subject,-13}", Say.Dim), (text, null));
    }

    private static string Number(int count, string noun) => $"{count.ToString("N0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";
}
