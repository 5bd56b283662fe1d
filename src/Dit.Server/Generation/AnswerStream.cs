using System.Threading.Channels;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;

namespace Dit.Server.Generation;

/// <summary>
/// An answer between the engine, which puts in tokens on its thread, and whoever asked, who takes out text on any other. Once its enumeration is over, in whatever way,
/// the engine uses nothing of the request any more.
/// </summary>
/// <param name="decoder">The model that answers.</param>
/// <param name="row">The prompt and how it is answered.</param>
/// <param name="tokenizer">Tokens to text.</param>
/// <param name="wake">Makes the engine look at what has changed.</param>
internal sealed class AnswerStream(Decoder decoder, LiveRow row, Tokenizer tokenizer, Action wake) : IAsyncEnumerable<AnswerPiece>, IAsyncEnumerator<AnswerPiece>
{
    private readonly Channel<int> tokens = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextPieces text = new(tokenizer);
    private CancellationTokenRegistration asked, enumerated;
    private int sent, enumerations;
    private volatile bool isCancelled;
    private bool isTold;

    /// <inheritdoc />
    public AnswerPiece Current { get; private set; } = new("");

    internal Decoder Decoder => decoder;

    internal LiveRow Row => row;

    /// <summary>Nobody wants it any more.</summary>
    internal bool IsCancelled => isCancelled;

    /// <summary>Lets a token cancel it.</summary>
    internal void CancelWith(CancellationToken cancellation) => asked = cancellation.UnsafeRegister(static stream => ((AnswerStream)stream!).Cancel(), this);

    /// <summary>Hands on what has come since the last time.</summary>
    internal void Publish()
    {
        for (; sent < row.Answer.Count; sent++)
        {
            tokens.Writer.TryWrite(row.Answer[sent]);
        }
    }

    /// <summary>Says that no more comes; the engine has let go of it.</summary>
    /// <param name="failure">Why it broke off; null where it is whole.</param>
    internal void Complete(Exception? failure)
    {
        Publish();
        asked.Unregister();
        tokens.Writer.TryComplete(failure);
        over.TrySetResult();
    }

    /// <inheritdoc />
    public IAsyncEnumerator<AnswerPiece> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref enumerations) > 1)
        {
            throw new InvalidOperationException("An answer can be read once only.");
        }

        enumerated = cancellationToken.UnsafeRegister(static stream => ((AnswerStream)stream!).Cancel(), this);
        return this;
    }

    /// <inheritdoc />
    public async ValueTask<bool> MoveNextAsync()
    {
        while (await tokens.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var piece = "";
            while (tokens.Reader.TryRead(out var id))
            {
                piece += text.Add(id);
            }

            if (piece.Length > 0)
            {
                Current = new AnswerPiece(piece);
                return true;
            }
        }

        if (isTold)
        {
            return false;
        }

        isTold = true;
        Current = new AnswerPiece(
            text.Rest(), new AnswerEnd(row.End?.Reason == LiveEndReason.Length ? "length" : "stop", row.Prompt.Count, row.Answer.Count));
        return true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await over.Task.ConfigureAwait(false);
        await enumerated.DisposeAsync().ConfigureAwait(false);
    }

    private void Cancel()
    {
        isCancelled = true;
        wake();
    }
}
