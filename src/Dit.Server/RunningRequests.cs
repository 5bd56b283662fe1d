namespace Dit.Server;

/// <summary>Counts requests while they are answered, those whose connection is gone included.</summary>
internal sealed class RunningRequests
{
    private readonly TaskCompletionSource none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One more until the end is waited for.
    private int count = 1;

    /// <summary>Answers one.</summary>
    public async Task Count(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref count);
        try
        {
            await next(context);
        }
        finally
        {
            End();
        }
    }

    /// <summary>Ends when all of them have ended; none begins any more. Asked for once.</summary>
    public Task Ended()
    {
        End();
        return none.Task;
    }

    private void End()
    {
        if (Interlocked.Decrement(ref count) == 0)
        {
            none.TrySetResult();
        }
    }
}
