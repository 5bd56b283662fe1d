using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// The bare base, to which diffs are held where they are to change nothing. Rows with the same tokens are computed once; what batches repeat is kept, as
/// final hidden states at the answer: from these the probabilities follow by one product, and they are a hundredth of their size.
/// </summary>
public sealed class Teacher : IDisposable
{
    /// <summary>What is kept at most. It decides which rows are computed together, and so about last bits: it is the same on every machine.</summary>
    public const long MostKeptBytes = 256L << 20;

    private static readonly Dictionary<string, IReadOnlyList<LowRankTerm>> Nothing = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Tensor> kept = new(StringComparer.Ordinal);
    private readonly long mostKept;
    private long keptBytes;

    /// <summary>A teacher.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="mostKept">Bytes of answers that are kept at most.</param>
    public Teacher(Decoder model, long mostKept = MostKeptBytes) => (Model, this.mostKept) = (model, mostKept);

    /// <summary>The base.</summary>
    public Decoder Model { get; }

    /// <summary>Rows that were computed so far.</summary>
    public int ComputedRows { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var hidden in kept.Values)
        {
            hidden.Dispose();
        }

        kept.Clear();
    }

    /// <summary>What the base says at positions of a batch. It belongs to the caller's scope.</summary>
    internal TeacherAnswers Answer(AnswerPositions answers, bool repeats)
    {
        var batch = answers.Batch;
        var byRow = answers.Positions.GroupBy(position => position / batch.Length, position => position % batch.Length).ToDictionary(row => row.Key, row => row.ToArray());
        var keys = byRow.ToDictionary(row => row.Key, row => string.Join(',', batch.Ids.Skip(row.Key * batch.Length).Take(batch.Length)) + ":" + string.Join(',', row.Value));
        var first = byRow.Keys.Order().DistinctBy(row => keys[row]).ToArray();
        var known = Computed([.. first.Where(row => !kept.ContainsKey(keys[row]))]);

        // All distinct rows, one behind the other, and where each position's is among them.
        var begins = new Dictionary<string, long>(StringComparer.Ordinal);
        var (parts, end) = (new List<Tensor>(), 0L);
        foreach (var row in first)
        {
            begins[keys[row]] = end;
            parts.Add(kept.TryGetValue(keys[row], out var before) ? before : known[row]);
            end += byRow[row].Length;
        }

        long[] places = [.. byRow.OrderBy(row => row.Key).SelectMany(row => Enumerable.Range(0, row.Value.Length).Select(i => begins[keys[row.Key]] + i))];
        var hidden = parts.Count == 1 ? parts[0].alias() : cat(parts);
        if (repeats)
        {
            Keep(known.Select(row => (keys[row.Key], row.Value)));
        }

        return new TeacherAnswers(Model, hidden, places);

        Dictionary<int, Tensor> Computed(int[] rows)
        {
            if (rows.Length == 0)
            {
                return [];
            }

            var part = new AnswerPositions(
                new TokenBatch([.. rows.SelectMany(row => batch.Ids.Skip(row * batch.Length).Take(batch.Length))], [], rows.Length, batch.Length)
                {
                    TokenCounts = batch.TokenCounts is { } counts ? [.. rows.Select(row => counts[row])] : null,
                },
                [.. rows.SelectMany((row, i) => byRow[row].Select(position => (i * batch.Length) + position))]);
            ComputedRows += rows.Length;
            using var pass = part.Forward(Model, Nothing, new TrainingMemory(recomputes: true));
            var at = part.Of(pass.Hidden);
            var (found, from) = (new Dictionary<int, Tensor>(), 0L);
            foreach (var row in rows)
            {
                found[row] = at.narrow(0, from, byRow[row].Length);
                from += byRow[row].Length;
            }

            return found;
        }
    }

    /// <summary>First come, first kept: examples come round in order, and to drop the oldest would be to drop the next one that is asked for.</summary>
    private void Keep(IEnumerable<(string Key, Tensor Hidden)> computed)
    {
        foreach (var (key, hidden) in computed)
        {
            var bytes = hidden.numel() * hidden.element_size();
            if (keptBytes + bytes <= mostKept)
            {
                keptBytes += bytes;
                kept[key] = hidden.clone().DetachFromDisposeScope();
            }
        }
    }
}
