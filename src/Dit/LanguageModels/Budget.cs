namespace Dit.LanguageModels;

/// <summary>
/// What was spent in this run, and what the questions under way may come to cost. A question is let through only when it fits under the limit at its
/// dearest; where others under way leave too little, it waits to see what they really cost.
/// </summary>
internal sealed class Budget(Prices? prices, decimal? limit)
{
    private readonly Lock access = new();
    private TokenUsage spent, reserved;
    private long answers;
    private TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tokens paid for.</summary>
    public TokenUsage Spent
    {
        get
        {
            lock (access)
            {
                return spent;
            }
        }
    }

    /// <summary>Answers that came.</summary>
    public long Answers => Interlocked.Read(ref answers);

    /// <summary>Sets aside what a question may cost.</summary>
    /// <exception cref="DitException">The limit does not allow it.</exception>
    public async Task ReserveAsync(TokenUsage most, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (access)
            {
                if (limit is not { } ceiling || Cost(spent + reserved + most) <= ceiling)
                {
                    reserved += most;
                    return;
                }

                if (Cost(spent + most) > ceiling)
                {
                    throw new DitException($"spending limit: expected to stay within {Text(ceiling)} in one run, found {Text(Cost(spent))} spent and a next question that may cost {Text(Cost(most))}; every answer so far is kept, and another run goes on from there with a limit of its own");
                }

                next = settled.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives back what was set aside and counts what it really cost.</summary>
    public void Settle(TokenUsage most, TokenUsage actual, bool answered)
    {
        TaskCompletionSource woken;
        lock (access)
        {
            reserved -= most;
            spent += actual;
            answers += answered ? 1 : 0;
            (woken, settled) = (settled, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        woken.SetResult();
    }

    private decimal Cost(TokenUsage usage) => prices?.Of(usage) ?? usage.Total;

    private string Text(decimal amount) => prices is null ? $"{amount:0} tokens" : $"${amount:0.00####}";
}
