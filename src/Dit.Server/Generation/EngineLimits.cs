namespace Dit.Server.Generation;

/// <summary>How much is taken on at a time.</summary>
/// <param name="Rows">Answers that are written at once.</param>
/// <param name="Waiting">Requests that wait for a row.</param>
/// <param name="Bytes">Memory for keys, values and stacked diffs of all rows together.</param>
public sealed record EngineLimits(int Rows = 64, int Waiting = 256, long Bytes = 2L << 30);

/// <summary>What an engine is doing at a moment.</summary>
/// <param name="Rows">Answers that are being written.</param>
/// <param name="Waiting">Requests that wait for a row.</param>
/// <param name="Bytes">Memory that keys, values and stacked diffs take, padding included.</param>
/// <param name="Passes">Forward passes since it began.</param>
public sealed record EngineLoad(int Rows, int Waiting, long Bytes, long Passes);

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
