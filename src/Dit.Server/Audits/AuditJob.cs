using System.Diagnostics;
using System.Text.Json.Serialization;
using Dit.Audit;
using Dit.Interpretation;
using Dit.Server.Shelving;

namespace Dit.Server.Audits;

/// <summary>How far an audit is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditState>))]
internal enum AuditState
{
    /// <summary>It waits for its turn.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>It is under way.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Its report is there.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>It could not be done.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It was stopped.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>An audit as clients see it.</summary>
/// <param name="Id">Names it in requests.</param>
/// <param name="Finetune">Id of the finetune.</param>
/// <param name="Adapter">Id of the DIT adapter.</param>
/// <param name="State">How far it is.</param>
/// <param name="Stage">What is being done, in a few words.</param>
/// <param name="Done">Rounds done.</param>
/// <param name="Total">Rounds in all; 0 before it has begun.</param>
/// <param name="Seconds">How long it has been running.</param>
/// <param name="Verdict">What came out; null until it is done.</param>
/// <param name="Error">Why it failed, in one sentence; null where it did not.</param>
internal sealed record AuditBody(
    string Id, string Finetune, string Adapter, AuditState State, string Stage, int Done, int Total, double Seconds, AuditVerdict? Verdict, string? Error);

/// <summary>An audit that was asked for.</summary>
/// <param name="id">Names it to clients.</param>
/// <param name="lease">Keeps the finetune until the audit has ended.</param>
/// <param name="adapter">With which adapter.</param>
/// <param name="seed">Where all randomness comes from.</param>
#pragma warning disable CA1001 // A source of cancellation without a timer holds nothing that would have to be freed.
internal sealed class AuditJob(string id, FinetuneLease lease, OfferedAdapter adapter, ulong seed)
#pragma warning restore CA1001
{
    private readonly Lock gate = new();
    private readonly Stopwatch clock = new();
    private readonly CancellationTokenSource stop = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AuditState state;
    private AuditProgress progress = new("waiting", 0, 0);
    private string? error;

    /// <summary>Names it to clients.</summary>
    public string Id => id;

    /// <summary>The finetune.</summary>
    public ShelfEntry Finetune => lease.Entry;

    /// <summary>The finetune in memory, where it stays until the audit has ended.</summary>
    /// <exception cref="Safety.RefusedException">It cannot be loaded, or there is no memory for it now.</exception>
    public Finetune Load() => lease.Load(stop.Token).GetAwaiter().GetResult();

    /// <summary>The DIT adapter.</summary>
    public OfferedAdapter Adapter => adapter;

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed => seed;

    /// <summary>Cancelled when it is to stop.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>What came out; null until it is done.</summary>
    public AuditReport? Report { get; private set; }

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool HasEnded => Now.Body.State is AuditState.Done or AuditState.Failed or AuditState.Cancelled;

    /// <summary>How far it is, and what ends when that changes.</summary>
    public (AuditBody Body, Task Changed) Now
    {
        get
        {
            lock (gate)
            {
                return (new AuditBody(id, lease.Entry.Id, adapter.Id, state, progress.Stage, progress.Done, progress.Total, clock.Elapsed.TotalSeconds, Report?.Verdict, error), changed.Task);
            }
        }
    }

    /// <summary>It begins, unless it was stopped before.</summary>
    public bool Begin() => Change(() =>
    {
        clock.Start();
        state = AuditState.Running;
    });

    /// <summary>It has come so far.</summary>
    public void Reach(AuditProgress now) => Change(() => progress = now);

    /// <summary>Its report is there.</summary>
    public void Finish(AuditReport report) => End(() => (state, Report) = (AuditState.Done, report));

    /// <summary>It could not be done.</summary>
    public void Fail(string sentence) => End(() => (state, error) = (AuditState.Failed, sentence));

    /// <summary>It was stopped.</summary>
    public void Cancelled() => End(() => state = AuditState.Cancelled);

    /// <summary>Stops it: at once where it waits, else before its next pass.</summary>
    public void Cancel()
    {
        stop.Cancel();
        if (Now.Body.State == AuditState.Queued)
        {
            Cancelled();
        }
    }

    private void End(Action change)
    {
        if (Change(() =>
        {
            clock.Stop();
            change();
        }))
        {
            lease.Dispose();
        }
    }

    /// <summary>Changes what is seen; nothing does once it has ended.</summary>
    private bool Change(Action change)
    {
        lock (gate)
        {
            if (state is AuditState.Done or AuditState.Failed or AuditState.Cancelled)
            {
                return false;
            }

            change();
            var former = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            former.SetResult();
            return true;
        }
    }
}
