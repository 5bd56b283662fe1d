using System.Runtime.InteropServices;

namespace Dit.Cli;

/// <summary>Turns whatever went wrong into one sentence.</summary>
internal static class Failure
{
    public static string Sentence(Exception e) => e switch
    {
        DitException => e.Message,
        AggregateException { InnerException: { } inner } => Sentence(inner),
        TypeInitializationException { InnerException: { } inner } => Sentence(inner),
        OutOfMemoryException => "out of memory: the model and its batch need more than this machine has",
        // libtorch appends its own stack to the message.
        ExternalException when e.Message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase) => $"out of memory: {FirstLine(e)}",
        ExternalException => $"libtorch failed: {FirstLine(e)}",
        IOException or UnauthorizedAccessException => FirstLine(e),
        _ => $"unexpected {e.GetType().Name}: {FirstLine(e)}",
    };

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();
}
