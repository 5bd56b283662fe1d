using Dit.Models;
using Dit.Training;

namespace Dit.Audit;

/// <summary>Audits finetunes of one base model with one DIT adapter.</summary>
/// <param name="model">The base.</param>
/// <param name="adapter">The DIT adapter.</param>
public sealed class Auditor(BaseModel model, DitAdapter adapter)
{
    /// <summary>Everything that can be said about one finetune.</summary>
    /// <param name="source">What Finetune.Load takes.</param>
    /// <param name="name">What it is called in the report; null for <paramref name="source"/>. Messages name it by this, too.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="progress">Told about every round.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">It cannot be read, does not fit the base, or changes nothing.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public AuditReport Run(string source, string? name = null, ulong seed = 1, IProgress<AuditProgress>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException(model.Name + adapter.Folder + source + name + seed + (progress is null) + cancellation.IsCancellationRequested);
}
