using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;

namespace Dit.Server.Generation;

/// <summary>Answers requests of many clients with one model in memory, those of different finetunes in the same batch, on a thread of its own.</summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly BaseModel model;
    private readonly EngineLimits limits;
    private readonly EngineThread thread;

    /// <summary>An engine that waits for requests.</summary>
    /// <param name="model">The base, which stays the caller's and has to outlive the engine.</param>
    /// <param name="limits">How much is taken on at a time.</param>
    /// <param name="tell">Told one sentence about everything that went wrong inside; may be null.</param>
    /// <exception cref="DitException">A limit makes no sense.</exception>
    public Engine(BaseModel model, EngineLimits limits, Action<string>? tell = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(limits);
        if (limits.Rows < 1 || limits.Waiting < 0 || limits.Bytes < 1)
        {
            throw new DitException($"engine: expected at least one row and one byte and no negative number of waiting requests, found {limits.Rows}, {limits.Bytes} and {limits.Waiting}.");
        }

        (this.model, this.limits) = (model, limits);
        thread = new EngineThread(model, limits, tell ?? (_ => { }));
    }

    /// <summary>What it is doing at this moment.</summary>
    public EngineLoad Load => thread.Load;

    /// <summary>
    /// Answers one request, which is taken on with this call and not with the first piece. When the token is cancelled or the enumeration is left early, its row is free
    /// before the next pass; once the enumeration is over the engine uses nothing of the request any more. It can be enumerated once.
    /// </summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellation">Breaks it off, whether or not it is enumerated.</param>
    /// <exception cref="QueueFullException">Too many are waiting; nothing was taken on. Thrown at once, not at the first piece.</exception>
    /// <exception cref="DitException">The request makes no sense or does not fit the model; thrown at once.</exception>
    /// <exception cref="StoppingException">The engine has ended, or ends before the answer does.</exception>
    /// <exception cref="EngineFailedException">Something went wrong inside; thrown instead of a piece.</exception>
    public IAsyncEnumerable<AnswerPiece> Answer(AnswerRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var place = thread.Reserve();
        var stream = Prepared(request);
        stream.CancelWith(cancellation);
        thread.Enqueue(place, stream);
        return stream;
    }

    /// <summary>Breaks off all answers, each with a sentence, and ends.</summary>
    public async ValueTask DisposeAsync() => await thread.DisposeAsync().ConfigureAwait(false);

    /// <summary>A request as it can be put into a batch; what is wrong with it comes out here, where only it is concerned.</summary>
    private AnswerStream Prepared(AnswerRequest request)
    {
        var (finetune, adapter, settings) = (request.Finetune, request.Adapter, request.Settings);
        var checkpoint = finetune as CheckpointFinetune;
        if (checkpoint is not null && request.Strength != 1)
        {
            throw new DitException($"strength: expected 1 for a finetune given by all its weights, found {request.Strength}; only low-rank diffs can be scaled");
        }

        if (adapter?.Card is { } card && card.BaseFingerprint != model.Fingerprint)
        {
            throw new DitException($"adapter: expected one of the base {model.Name}, found one that was trained for another base");
        }

        var decoder = checkpoint?.Decoder ?? model.Decoder;
        var row = new LiveRow(
            decoder,
            model.Tokenizer.EncodePrompt(request.Messages),
            settings,
            RandomStream.Named(settings.Seed, "generation/0"),
            (finetune as LowRankFinetune)?.Adapter.Sites,
            request.Strength,
            adapter?.Factors.Sites);
        var bytes = LiveGeneration.BytesAlone(decoder, row);
        return bytes <= limits.Bytes
            ? new AnswerStream(decoder, row, model.Tokenizer.Tokenizer, thread.Wake)
            : throw new DitException(
                $"answer: expected its keys, values and diff to take at most {limits.Bytes >> 20} MiB, found {bytes >> 20} MiB; ask for fewer tokens or take a smaller diff");
    }
}
