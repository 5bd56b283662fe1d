using Microsoft.Extensions.AI;

namespace Dit.LanguageModels;

/// <summary>Lets only so many questions through at once; one that waits to be tried again keeps its place, which slows everything down as it should.</summary>
internal sealed class GatedClient(IChatClient inner, int places) : DelegatingChatClient(inner)
{
    private readonly SemaphoreSlim gate = new(places);

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        gate.Dispose();
        base.Dispose(disposing);
    }
}
