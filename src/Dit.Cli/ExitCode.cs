namespace Dit.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0, Failure = 1, Usage = 2, Interrupted = 130;
}
