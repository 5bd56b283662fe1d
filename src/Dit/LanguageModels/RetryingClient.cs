using Microsoft.Extensions.AI;

namespace Dit.LanguageModels;

/// <summary>
/// Tries again what failed for the moment, after the wait that the endpoint asks for, or one that doubles each time and is shortened at
/// random, so that many clients do not come back at once.
/// </summary>
internal sealed class RetryingClient(IChatClient inner, EndpointSettings settings) : DelegatingChatClient(inner)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1), LongestWaitAskedFor = TimeSpan.FromMinutes(10);
    private long retried;
    private volatile bool wasReached;

    public long Retried => Interlocked.Read(ref retried);

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                var response = await base.GetResponseAsync(messages, options, cancellationToken);
                wasReached = true;
                return response;
            }
            catch (EndpointFailure e)
            {
                // An address at which nobody ever answered is a mistake; one that falls silent may come back.
                wait = e.Wait ?? Backoff(attempt);
                if ((e.Unreachable && !wasReached) || attempt >= settings.Retries || wait > LongestWaitAskedFor)
                {
                    throw new DitException(e.Message + (attempt > 0 ? $" (after {attempt + 1} attempts)" : wait > LongestWaitAskedFor ? $" (and asks to wait {wait.TotalMinutes:0} minutes)" : ""), e);
                }
            }

            Interlocked.Increment(ref retried);
            await Task.Delay(wait, cancellationToken);
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        var longest = Math.Min(LongestWait.TotalSeconds, settings.FirstWait.TotalSeconds * Math.Pow(2, attempt));
        // Not from a named stream: when something is asked changes nothing that is answered.
        return TimeSpan.FromSeconds(longest * (0.5 + (0.5 * Random.Shared.NextDouble())));
    }
}
