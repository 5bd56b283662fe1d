using Dit.Audit;
using Dit.Models;

namespace Dit.Server.Audits;

/// <summary>What the queue does with an audit.</summary>
internal static class AuditWork
{
    /// <summary>Audits finetunes of a base. An adapter's auditor is kept, as it need measure the base only once.</summary>
    public static Func<AuditJob, IProgress<AuditProgress>, AuditReport> Of(BaseModel model)
    {
        var auditors = new Dictionary<string, Auditor>(StringComparer.Ordinal);
        return (job, progress) =>
        {
            if (!auditors.TryGetValue(job.Adapter.Id, out var auditor))
            {
                auditors[job.Adapter.Id] = auditor = new Auditor(model, job.Adapter.Adapter);
            }

            return auditor.Run(job.Finetune.Offer.Source, job.Finetune.Offer.Name, job.Seed, progress, job.Stop);
        };
    }
}
