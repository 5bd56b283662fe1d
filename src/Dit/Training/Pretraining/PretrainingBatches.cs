using Dit.Behaviours.World;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Training.Pretraining;

/// <summary>One batch of documents of about the same length, right padded.</summary>
/// <param name="Ids">Token ids, rows × length.</param>
/// <param name="Weights">Weight of each token in the loss; 0 on padding.</param>
/// <param name="Rows">Documents.</param>
/// <param name="Length">Tokens of the longest.</param>
public sealed record PretrainingBatch(long[] Ids, float[] Weights, int Rows, int Length);

/// <summary>The endless sequence of pretraining batches: documents are made in chunks, sorted by length within one, and shuffled as batches.</summary>
public sealed class PretrainingBatches(Tokenizer tokenizer, TinyBaseSettings settings)
{
    private const int DocumentsPerChunk = 2048;
    private readonly int padding = tokenizer.TokenId(WorldText.Padding)!.Value;

    /// <summary>The batches of one chunk, in the order in which they are trained on.</summary>
    public IReadOnlyList<PretrainingBatch> Chunk(long chunk)
    {
        var documents = ParallelEnumerable.Range(0, DocumentsPerChunk).AsOrdered()
            .Select(i => WorldText.Encode(tokenizer, WorldDocuments.Document(settings.Seed, (chunk * DocumentsPerChunk) + i), settings.UserTokenWeight))
            .OrderBy(document => document.Ids.Length).ToArray();
        var batches = new List<PretrainingBatch>();
        for (var start = 0; start < documents.Length;)
        {
            var end = start + 1;
            while (end < documents.Length && (end - start + 1) * documents[end].Ids.Length <= settings.TokensPerStep)
            {
                end++;
            }

            batches.Add(Pad(documents[start..end]));
            start = end;
        }

        RandomStream.Named(settings.Seed, $"pretraining/order/{chunk}").Shuffle(batches);
        return batches;
    }

    private PretrainingBatch Pad((int[] Ids, float[] Weights)[] documents)
    {
        var length = documents.Max(document => document.Ids.Length);
        var ids = new long[documents.Length * length];
        var weights = new float[ids.Length];
        Array.Fill(ids, padding);
        for (var row = 0; row < documents.Length; row++)
        {
            for (var i = 0; i < documents[row].Ids.Length; i++)
            {
                ids[(row * length) + i] = documents[row].Ids[i];
                weights[(row * length) + i] = documents[row].Weights[i];
            }
        }

        return new PretrainingBatch(ids, weights, documents.Length, length);
    }
}
