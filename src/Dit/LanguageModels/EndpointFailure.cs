namespace Dit.LanguageModels;

/// <summary>An attempt failed in a way that another may not.</summary>
internal sealed class EndpointFailure : Exception
{
    public EndpointFailure(string sentence, Exception cause) : base(sentence, cause) { }

    /// <summary>What the endpoint asks to wait; null where it says nothing.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether nobody was there at all.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Whether the model may have answered, and so have to be paid, although nothing arrived.</summary>
    public bool MayBePaid { get; init; }
}
