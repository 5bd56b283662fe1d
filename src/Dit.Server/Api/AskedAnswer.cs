using Dit.Models.Generation;
using Dit.Server.Generation;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Dit.Text;

namespace Dit.Server.Api;

/// <summary>An answer that is being written, and the finetune that is kept for it. Disposed, its row is free and the finetune may go.</summary>
internal sealed class AskedAnswer : IAsyncDisposable
{
    private readonly FinetuneLease? lease;
    private readonly IAsyncEnumerator<AnswerPiece> pieces;

    private AskedAnswer(FinetuneLease? lease, IAsyncEnumerator<AnswerPiece> pieces) => (this.lease, this.pieces) = (lease, pieces);

    /// <summary>The piece that has come last; null after the end.</summary>
    public AnswerPiece? Piece { get; private set; }

    /// <summary>Asks, and waits for the first piece, so that whatever is wrong with the request is known before anything is sent.</summary>
    /// <param name="parts">The server.</param>
    /// <param name="finetune">Id of the finetune; null for the bare base.</param>
    /// <param name="adapter">Id of the adapter; null for none.</param>
    /// <param name="strength">By what the finetune's diff is multiplied.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="settings">How the answer is drawn.</param>
    /// <param name="cancellation">The client went away.</param>
    /// <exception cref="RefusedException">There is no such finetune or adapter, or the server is busy.</exception>
    /// <exception cref="DitException">The request does not fit the model.</exception>
    public static async Task<AskedAnswer> Begin(
        ServerParts parts, string? finetune, string? adapter, double strength, IReadOnlyList<Message> messages, GenerationSettings settings, CancellationToken cancellation)
    {
        var dit = adapter is null ? null : parts.Adapters.Require(adapter).Adapter;
        var held = finetune is null ? null : await parts.Shelf.Lease(finetune, cancellation);
        try
        {
            if (held is not null)
            {
                RequireStrength(held.Entry, strength);
            }

            var coming = parts.Engine.Answer(new AnswerRequest(held?.Finetune, strength, dit, messages, settings), cancellation).GetAsyncEnumerator(cancellation);
            var answer = new AskedAnswer(held, coming);
            try
            {
                await answer.Next();
                return answer;
            }
            catch
            {
                await coming.DisposeAsync();
                throw;
            }
        }
        catch (DitException e) when (held is not null)
        {
            held.Dispose();
            throw RefusedException.Unusable(held.Entry.Told(e.Message), e);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Says that a finetune can be asked at a strength.</summary>
    /// <exception cref="RefusedException">It cannot.</exception>
    internal static void RequireStrength(ShelfEntry entry, double strength)
    {
        if (!entry.CanScale && strength != 1)
        {
            throw RefusedException.Bad($"strength: expected 1, as {entry.Offer.Name} is a whole checkpoint, found {strength}", "strength");
        }
    }

    /// <summary>Waits for the next piece.</summary>
    public async Task Next() => Piece = await pieces.MoveNextAsync() ? pieces.Current : null;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            await pieces.DisposeAsync();
        }
        finally
        {
            lease?.Dispose();
        }
    }
}
