using Dit.Models;

namespace Dit.Server.Generation;

/// <summary>Answers requests of many clients with one model in memory, those of different finetunes in the same batch, on a thread of its own.</summary>
/// <param name="model">The base.</param>
/// <param name="limits">How much is taken on at a time.</param>
public sealed class Engine(BaseModel model, EngineLimits limits) : IAsyncDisposable
{
    /// <summary>Answers one request. When the token is cancelled or the enumeration is left early, its row is free before the next pass.</summary>
    /// <exception cref="QueueFullException">Too many are waiting; nothing was taken on. Thrown at once, not at the first piece.</exception>
    /// <exception cref="DitException">The request makes no sense or does not fit the model.</exception>
    public IAsyncEnumerable<AnswerPiece> Answer(AnswerRequest request, CancellationToken cancellation = default) =>
        throw new NotSupportedException(model.Name + limits.Rows + request.Strength + cancellation.IsCancellationRequested);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>How much is taken on at a time.</summary>
/// <param name="Rows">Answers that are written at once.</param>
/// <param name="Waiting">Requests that wait for a row.</param>
/// <param name="Bytes">Memory for keys, values and stacked diffs of all rows together.</param>
public sealed record EngineLimits(int Rows = 64, int Waiting = 256, long Bytes = 2L << 30);

/// <summary>So many requests are waiting that no more are taken.</summary>
public sealed class QueueFullException : Exception
{
    /// <summary>Says so.</summary>
    public QueueFullException() : base("too many requests are waiting; try again in a moment")
    {
    }

    /// <inheritdoc />
    public QueueFullException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public QueueFullException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
