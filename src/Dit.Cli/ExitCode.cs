namespace Dit.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0, Failure = 1, Usage = 2, Interrupted = 130;

    /// <summary>The audit ran, and its verdict is one of those that <c>--fail-on</c> names.</summary>
    public const int Refused = 3;
}
