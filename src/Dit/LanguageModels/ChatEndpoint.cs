using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dit.LanguageModels;

/// <summary>
/// A language model behind any endpoint that speaks like OpenAI's. What was asked once is never asked again; what fails for the moment is
/// tried again; no more than so many questions are under way at once; and nothing is asked that could cost more than the limit allows.
/// </summary>
public sealed class ChatEndpoint : IDisposable
{
    private const string NoKey = "none"; // The client insists on one.
    private readonly Budget budget;
    private readonly RetryingClient retrying;
    private readonly CachingClient client;

    /// <summary>An endpoint; nothing is asked yet.</summary>
    public ChatEndpoint(EndpointSettings settings)
    {
        Settings = settings;
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri(settings.Url),
            NetworkTimeout = settings.Timeout,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // Attempts are counted and paid for here.
            EnableDistributedTracing = false,
        };
        var plain = new ChatClient(settings.Model, new ApiKeyCredential(settings.Key?.Reveal() ?? NoKey), options).AsIChatClient();
        budget = new Budget(settings.Prices, settings.Limit);
        retrying = new RetryingClient(new BudgetedClient(new PlainSpokenClient(plain, settings), budget), settings);
        client = new CachingClient(new GatedClient(retrying, settings.Concurrency), settings);
    }

    /// <summary>Where it is, and how it is asked.</summary>
    public EndpointSettings Settings { get; }

    /// <summary>What it was asked so far.</summary>
    public EndpointReport Report => new(budget.Answers, client.Known, retrying.Retried, budget.Spent, Settings.Prices?.Of(budget.Spent));

    /// <summary>The model's answer, without what it thought aloud before.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="cancellation">Stops before the next attempt; one that is under way gets a few seconds to end, as it is paid for.</param>
    /// <exception cref="DitException">The endpoint cannot be reached, refuses, or the limit does not allow the question.</exception>
    public async Task<string> AskAsync(ChatPrompt prompt, CancellationToken cancellation = default)
    {
        List<ChatMessage> messages = [new(ChatRole.User, prompt.User)];
        if (prompt.System is { } system)
        {
            messages.Insert(0, new(ChatRole.System, system));
        }

        var options = new ChatOptions { ModelId = Settings.Model, MaxOutputTokens = prompt.MostTokens, Temperature = Settings.Temperature };
        if (prompt.Attempt > 0)
        {
            options.AdditionalProperties = new() { [CachingClient.Attempt] = prompt.Attempt };
        }

        var response = await client.GetResponseAsync(messages, options, cancellation);
        return Thoughts.Without(response.Text);
    }

    /// <inheritdoc />
    public void Dispose() => client.Dispose();
}
