using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Readiness;
using Dit.Training;

namespace Dit.Cli;

/// <summary>The doctor's findings for programs; memory in bytes.</summary>
internal static class DoctorJson
{
    public static object Of(BaseCheck check, Machine machine, DoctorSettings settings, IReadOnlyList<PlannedWork> plan) => new
    {
        folder = check.Folder,
        usable = check.IsUsable,
        type = check.Type?.Name(),
        checks = check.Checks.Select(one => new { outcome = one.Outcome.ToString().ToLowerInvariant(), one.Subject, one.Sentence, one.Names }),
        machine = new
        {
            machine.Cores,
            machine.Threads,
            machine.Vectors,
            machine.Libtorch,
            cuda_devices = machine.CudaDevices,
            memory = new { machine.Memory.Total, machine.Memory.Available, limited = machine.Memory.IsLimited },
        },
        settings,
        plan = plan.Select(work => new
        {
            work = work.Work switch { Work.Asking => "asking", Work.TrainingDiffs => "training diffs", _ => "training the adapter" },
            type = work.Type.Name(),
            base_weights = work.Kept.Name() ?? work.Type.Name(),
            fits = work.Fits,
            largest_batch = work.LargestBatch,
            bytes = work.Estimate.Total,
            parts = work.Estimate.Terms.ToDictionary(term => term.Name, term => term.Bytes, StringComparer.Ordinal),
        }),
    };
}
