namespace Dit;

/// <summary>
/// An error that a user can act on. The message is one sentence that names the file, what was expected and what was found;
/// the command line prints it alone, without a stack trace, and exits with 1.
/// </summary>
public sealed class DitException : Exception
{
    /// <summary>Creates the error with its one sentence.</summary>
    public DitException(string message) : base(message) { }

    /// <summary>Creates the error with its one sentence and what caused it.</summary>
    public DitException(string message, Exception cause) : base(message, cause) { }
}
