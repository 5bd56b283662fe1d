using Dit.Audit;
using Dit.Server.Safety;
using Dit.Server.Shelving;

namespace Dit.Server.Audits;

/// <summary>Does audits one after another on a thread of its own that gives way to answers, and keeps what came out of the last ones.</summary>
internal sealed class AuditQueue : IAsyncDisposable
{
    private readonly Func<AuditJob, IProgress<AuditProgress>, AuditReport> audit;
    private readonly Sentences sentences;
    private readonly AuditLimits limits;
    private readonly Lock gate = new();
    private readonly List<AuditJob> jobs = [];
    private readonly SemaphoreSlim waiting = new(0);
    private readonly Thread thread;
    private volatile bool ending;

    /// <param name="audit">Does one.</param>
    /// <param name="limits">How many are taken and kept.</param>
    /// <param name="sentences">What clients are told of errors.</param>
    public AuditQueue(Func<AuditJob, IProgress<AuditProgress>, AuditReport> audit, AuditLimits limits, Sentences sentences)
    {
        (this.audit, this.limits, this.sentences) = (audit, limits, sentences);
        thread = new Thread(Work) { IsBackground = true, Name = "dit audits" };
        thread.Start();
    }

    /// <summary>All that are known, the oldest first.</summary>
    public IReadOnlyList<AuditJob> All
    {
        get
        {
            lock (gate)
            {
                return [.. jobs];
            }
        }
    }

    /// <summary>Takes one on. The lease is the queue's from then on.</summary>
    /// <exception cref="RefusedException">Too many are waiting; the lease is still the caller's.</exception>
    public AuditJob Add(FinetuneLease lease, OfferedAdapter adapter, ulong seed)
    {
        lock (gate)
        {
            if (jobs.Count(job => !job.HasEnded) >= limits.Waiting)
            {
                throw new RefusedException(StatusCodes.Status429TooManyRequests, "busy", $"audits: expected fewer than {limits.Waiting} under way, found as many; try again when one has ended") { RetryAfter = 10 };
            }

            foreach (var old in jobs.Where(job => job.HasEnded).SkipLast(limits.Kept - 1).ToArray())
            {
                jobs.Remove(old);
            }

            var added = new AuditJob(ShelfId.Random("audit"), lease, adapter, seed);
            jobs.Add(added);
            waiting.Release();
            return added;
        }
    }

    /// <summary>The one of an id.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public AuditJob Require(string id)
    {
        lock (gate)
        {
            return jobs.Find(job => job.Id == id) ?? throw RefusedException.NotFound("audit", id);
        }
    }

    /// <summary>Stops one, or forgets one that has ended.</summary>
    public void Remove(AuditJob job)
    {
        if (!job.HasEnded)
        {
            job.Cancel();
            return;
        }

        lock (gate)
        {
            jobs.Remove(job);
        }
    }

    /// <summary>Stops all of them.</summary>
    public void CancelAll()
    {
        foreach (var job in All)
        {
            job.Cancel();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        ending = true;
        CancelAll();
        waiting.Release();
        await Task.Run(thread.Join);
        waiting.Dispose();
    }

    private void Work()
    {
        LowPriority.Take();
        while (true)
        {
            waiting.Wait();
            if (ending)
            {
                return;
            }

            if (All.FirstOrDefault(job => job.Now.Body.State == AuditState.Queued) is { } next && next.Begin())
            {
                Do(next);
            }
        }
    }

    private void Do(AuditJob job)
    {
        try
        {
            job.Finish(audit(job, new Progress(job)));
        }
        catch (OperationCanceledException) when (job.Stop.IsCancellationRequested)
        {
            job.Cancelled();
        }
#pragma warning disable CA1031 // Whatever one audit came to, the next is done.
        catch (Exception e)
#pragma warning restore CA1031
        {
            job.Fail(sentences.Told(job.Finetune.Told(sentences.Of(e).Message)));
        }
    }

    /// <summary>Reports at once; that of .NET would do so later and in any order.</summary>
    private sealed class Progress(AuditJob job) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value) => job.Reach(value);
    }
}

/// <summary>How many audits are taken and kept.</summary>
/// <param name="Waiting">Under way and waiting together.</param>
/// <param name="Kept">That have ended.</param>
public sealed record AuditLimits(int Waiting = 16, int Kept = 64);
