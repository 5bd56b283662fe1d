using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Dit.LanguageModels;

/// <summary>Asks nothing twice: not what an earlier run has asked, nor what is being asked just now.</summary>
internal sealed class CachingClient(IChatClient inner, EndpointSettings settings) : DelegatingChatClient(inner)
{
    /// <summary>The additional property with the number of an attempt, which tells questions apart and is not sent.</summary>
    public const string Attempt = "dit-attempt";

    private readonly ReplyCache? cache = settings.Cache is { } folder ? new ReplyCache(folder) : null;
    private readonly ConcurrentDictionary<string, Lazy<Task<(string Text, bool WasKnown)>>> underWay = new(StringComparer.Ordinal);
    private long known;

    /// <summary>Answers that were known already.</summary>
    public long Known => Interlocked.Read(ref known);

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var attempt = options?.AdditionalProperties?.TryGetValue(Attempt, out int number) == true ? number : 0;
        var question = new CachedQuestion(settings.Model, [.. list.Select(message => new[] { message.Role.Value, message.Text })], options?.MaxOutputTokens, options?.Temperature, attempt);
        var key = question.Hash();
        var first = new Lazy<Task<(string Text, bool WasKnown)>>(AskAsync);
        var shared = underWay.GetOrAdd(key, first);
        try
        {
            var (text, wasKnown) = await shared.Value;
            if (wasKnown || shared != first)
            {
                Interlocked.Increment(ref known);
            }

            return new ChatResponse(new ChatMessage(ChatRole.Assistant, text));
        }
        finally
        {
            underWay.TryRemove(KeyValuePair.Create(key, shared));
        }

        async Task<(string Text, bool WasKnown)> AskAsync()
        {
            // Only here, where nobody else asks the same: an answer that came a moment ago is kept before its asker leaves.
            if (cache?.Find(question) is { } reply)
            {
                return (reply, true);
            }

            var plain = options?.Clone();
            plain?.AdditionalProperties?.Remove(Attempt);
            var response = await base.GetResponseAsync(list, plain, cancellationToken);
            var text = settings.Key?.Hide(response.Text) ?? response.Text;
            cache?.Keep(question, text);
            return (text, false);
        }
    }
}
