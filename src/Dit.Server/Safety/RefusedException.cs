namespace Dit.Server.Safety;

/// <summary>A request that is not done, and why, as the client is told.</summary>
internal sealed class RefusedException : Exception
{
    /// <summary>A request that is not done.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="type">What kind of error it is, for programs.</param>
    /// <param name="sentence">Why, for people.</param>
    /// <param name="cause">What caused it.</param>
    public RefusedException(int status, string type, string sentence, Exception? cause = null) : base(sentence, cause) => (Status, Type) = (status, type);

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>What kind of error it is, for programs.</summary>
    public string Type { get; }

    /// <summary>The field that is wrong; null where it is none in particular.</summary>
    public string? Field { get; init; }

    /// <summary>After how many seconds it is worth trying again; null where it is not.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The request makes no sense.</summary>
    public static RefusedException Bad(string sentence, string? field = null) => new(StatusCodes.Status400BadRequest, "invalid_request_error", sentence) { Field = field };

    /// <summary>There is no such thing.</summary>
    public static RefusedException NotFound(string kind, string id) =>
        new(StatusCodes.Status404NotFound, "not_found", $"{kind}: expected the id of one that is there, as {(kind == "adapter" ? "/api/status" : $"/api/{kind}s")} lists them, found {Printable.Text(id)}") { Field = kind };

    /// <summary>It is not allowed.</summary>
    public static RefusedException Forbidden(string sentence) => new(StatusCodes.Status403Forbidden, "forbidden", sentence);

    /// <summary>What was sent or named cannot be used.</summary>
    public static RefusedException Unusable(string sentence, Exception? cause = null) => new(StatusCodes.Status422UnprocessableEntity, "unusable", sentence, cause);

    /// <summary>Too much was sent.</summary>
    public static RefusedException TooLarge(string sentence) => new(StatusCodes.Status413PayloadTooLarge, "too_large", sentence);

    /// <summary>Too much is going on.</summary>
    public static RefusedException Busy(string sentence) => new(StatusCodes.Status429TooManyRequests, "busy", sentence) { RetryAfter = 1 };
}
