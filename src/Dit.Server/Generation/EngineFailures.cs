namespace Dit.Server.Generation;

/// <summary>An answer is not begun, or broken off, as the engine ends.</summary>
public sealed class StoppingException : Exception
{
    /// <summary>Says so.</summary>
    public StoppingException() : base("the server is stopping; ask again when it is back")
    {
    }

    /// <inheritdoc />
    public StoppingException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public StoppingException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>An answer is broken off by something that went wrong inside; nothing is wrong with the request.</summary>
public sealed class EngineFailedException : Exception
{
    /// <summary>Says so.</summary>
    public EngineFailedException() : base("answer: something went wrong inside")
    {
    }

    /// <inheritdoc />
    public EngineFailedException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public EngineFailedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
