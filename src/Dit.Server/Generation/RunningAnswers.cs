using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;

namespace Dit.Server.Generation;

/// <summary>The answers that are being written: those by the base, whatever diffs and adapters they have, in one batch, and those by each checkpoint in one of its own.</summary>
internal sealed class RunningAnswers(BaseModel model, EngineLimits limits) : IDisposable
{
    private readonly Dictionary<Decoder, LiveGeneration> batches = [];
    private readonly Dictionary<LiveRow, AnswerStream> streams = [];

    /// <summary>How many there are.</summary>
    public int Count => streams.Count;

    /// <summary>Memory of all batches.</summary>
    public long Bytes => batches.Values.Sum(batch => batch.Bytes);

    /// <summary>Those that nobody wants any more.</summary>
    public IReadOnlyList<AnswerStream> Cancelled() => [.. streams.Values.Where(stream => stream.IsCancelled)];

    /// <summary>Takes in as many of some, all of one model, from the first on, as there is memory for. Returns how many. Where it throws, none of them is there.</summary>
    public int Add(IReadOnlyList<AnswerStream> next)
    {
        var decoder = next[0].Decoder;
        if (!batches.TryGetValue(decoder, out var batch))
        {
            batches[decoder] = batch = new LiveGeneration(decoder, model.Tokenizer.EndTokenIds);
        }

        var others = batches.Values.Where(other => other != batch).Sum(other => other.Bytes);
        int taken;
        try
        {
            taken = batch.Add([.. next.Select(stream => stream.Row)], limits.Bytes - others);
        }
        catch
        {
            // Those that are there go on without them.
            foreach (var stream in next)
            {
                batch.Remove(stream.Row);
            }

            LetGoOfEmpty(decoder);
            throw;
        }

        foreach (var stream in next.Take(taken))
        {
            streams[stream.Row] = stream;
        }

        LetGoOfEmpty(decoder);
        return taken;
    }

    /// <summary>Lets go of one; nothing happens where it is not there.</summary>
    public void Remove(AnswerStream stream)
    {
        if (streams.Remove(stream.Row) && batches.TryGetValue(stream.Decoder, out var batch))
        {
            batch.Remove(stream.Row);
            LetGoOfEmpty(stream.Decoder);
        }
    }

    /// <summary>A pass of each batch. Those that went on or ended.</summary>
    public IReadOnlyList<AnswerStream> Pass() => [.. batches.Values.SelectMany(batch => batch.Pass()).Select(row => streams[row])];

    /// <summary>Lets go of all, whatever state they are in; returns those that there were.</summary>
    public IReadOnlyList<AnswerStream> Clear()
    {
        AnswerStream[] all = [.. streams.Values];
        streams.Clear();
        Dispose();
        batches.Clear();
        return all;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var batch in batches.Values)
        {
            batch.Dispose();
        }
    }

    /// <summary>A checkpoint's decoder may be gone when nobody asks it any more.</summary>
    private void LetGoOfEmpty(Decoder decoder)
    {
        if (batches.TryGetValue(decoder, out var batch) && batch.Count == 0)
        {
            batch.Dispose();
            batches.Remove(decoder);
        }
    }
}
