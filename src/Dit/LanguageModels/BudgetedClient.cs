using System.ClientModel;
using System.Text;
using Microsoft.Extensions.AI;

namespace Dit.LanguageModels;

/// <summary>
/// Pays for every attempt out of a budget, and makes none that the budget does not allow. An attempt without a usable answer counts at its
/// dearest, unless the endpoint refused it or nobody was there.
/// </summary>
internal sealed class BudgetedClient(IChatClient inner, Budget budget) : DelegatingChatClient(inner)
{
    private const int TokensAroundMessage = 16;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        // A byte is the smallest token there is.
        var most = new TokenUsage(list.Sum(message => Encoding.UTF8.GetByteCount(message.Text) + TokensAroundMessage), options?.MaxOutputTokens ?? 0);
        await budget.ReserveAsync(most, cancellationToken);
        var actual = default(TokenUsage);
        var (sent, answered) = (false, false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            sent = true;
            var response = await base.GetResponseAsync(list, options, cancellationToken);
            // Not every endpoint counts; then what was set aside is taken.
            actual = new TokenUsage(Math.Max(0, response.Usage?.InputTokenCount ?? most.Input), Math.Max(0, response.Usage?.OutputTokenCount ?? most.Output));
            answered = true;
            return response;
        }
        catch (Exception e) when (sent && !IsFree(e))
        {
            actual = most;
            throw;
        }
        finally
        {
            budget.Settle(most, actual, answered);
        }
    }

    private static bool IsFree(Exception e) => e is EndpointFailure { MayBePaid: false } or DitException { InnerException: ClientResultException { Status: not 0 } };
}
