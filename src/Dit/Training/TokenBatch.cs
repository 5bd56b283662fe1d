using Dit.Text;

namespace Dit.Training;

/// <summary>Rows of tokens of one length, with a label where a token counts.</summary>
/// <param name="Ids">Token ids, row after row, right padded.</param>
/// <param name="Labels">The token id again where it counts in the loss, else <see cref="NoLabel"/>.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Length">Tokens of a row.</param>
public sealed record TokenBatch(long[] Ids, long[] Labels, int Rows, int Length)
{
    /// <summary>Rows of a training step are as long as a multiple of this.</summary>
    internal const int LengthStep = 8;

    /// <summary>Stands where a token does not count.</summary>
    public const long NoLabel = -100;

    /// <summary>
    /// How many tokens each row has before its padding, where padding counts: then it is predicted from the tokens alone, as in the
    /// reference, and no padding may be looked at. Null where no padding counts; nothing that counts then sees any.
    /// </summary>
    public IReadOnlyList<int>? TokenCounts { get; init; }

    /// <summary>Pads tokenized examples to one batch; answers count.</summary>
    /// <param name="examples">The rows.</param>
    /// <param name="padding">The padding token.</param>
    /// <param name="countPadding">Whether padding counts too, as a label of its own.</param>
    public static TokenBatch Pad(IReadOnlyList<TokenizedExample> examples, int padding, bool countPadding = false)
    {
        var length = examples.Max(example => example.Ids.Length);
        var ids = new long[examples.Count * length];
        var labels = new long[ids.Length];
        Array.Fill(ids, padding);
        Array.Fill(labels, countPadding ? padding : NoLabel);
        for (var row = 0; row < examples.Count; row++)
        {
            var (tokens, answer) = (examples[row].Ids, examples[row].AnswerStart);
            for (var i = 0; i < tokens.Length; i++)
            {
                ids[(row * length) + i] = tokens[i];
                labels[(row * length) + i] = i < answer ? NoLabel : tokens[i];
            }
        }

        return new TokenBatch(ids, labels, examples.Count, length) { TokenCounts = countPadding ? [.. examples.Select(example => example.Ids.Length)] : null };
    }

    /// <summary>
    /// The same with rows as long as the next multiple of <see cref="LengthStep"/>, if they may be: the shapes of steps repeat then, and libtorch has compiled
    /// its products for them. Nothing that counts sees the padding; where padding counts, the batch stays as it is.
    /// </summary>
    /// <param name="longest">How long a row may be.</param>
    internal TokenBatch Rounded(int longest)
    {
        var length = (Length + LengthStep - 1) / LengthStep * LengthStep;
        if (length == Length || length > longest || TokenCounts is not null)
        {
            return this;
        }

        var (ids, labels) = (new long[Rows * length], new long[Rows * length]);
        Array.Fill(labels, NoLabel);
        for (var row = 0; row < Rows; row++)
        {
            // What stands there is any token of the row.
            Array.Fill(ids, Ids[row * Length], row * length, length);
            Array.Copy(Ids, row * Length, ids, row * length, Length);
            Array.Copy(Labels, row * Length, labels, row * length, Length);
        }

        return new TokenBatch(ids, labels, Rows, length);
    }

    /// <summary>Positions in the flattened batch whose token counts.</summary>
    public IEnumerable<int> Counted() => Enumerable.Range(0, Ids.Length).Where(i => Labels[i] != NoLabel);

    /// <summary>Those of them that are predicted: there is a token before.</summary>
    public IEnumerable<int> Predicted() => Counted().Where(i => i % Length != 0);

    /// <summary>Some of the rows, as long as they are here.</summary>
    public TokenBatch Slice(int first, int rows) => new(Ids[(first * Length)..((first + rows) * Length)], Labels[(first * Length)..((first + rows) * Length)], rows, Length)
    {
        TokenCounts = TokenCounts is null ? null : [.. TokenCounts.Skip(first).Take(rows)],
    };

    /// <summary>Some of the rows, in that order, without what is behind the last token of them that counts: nothing that counts sees it.</summary>
    public TokenBatch Select(IReadOnlyList<int> rows)
    {
        var length = Math.Max(1, rows.Max(CountedLength));
        return new TokenBatch(Cut(Ids), Cut(Labels), rows.Count, length) { TokenCounts = TokenCounts is { } counts ? [.. rows.Select(row => counts[row])] : null };

        long[] Cut(long[] all) => [.. rows.SelectMany(row => new ArraySegment<long>(all, row * Length, length))];
    }

    /// <summary>
    /// The rows in parts of at most so many, the longest rows first, so that little is padded. Where padding counts, all rows are of one length and
    /// stay in their order.
    /// </summary>
    /// <param name="rowsAtOnce">Rows of a part; null for one part, which is this batch as it is.</param>
    public IReadOnlyList<BatchPart> InParts(int? rowsAtOnce) => rowsAtOnce < Rows
        ? PartsOf(Enumerable.Range(0, Rows).OrderByDescending(CountedLength).Chunk(rowsAtOnce.Value))
        : [new BatchPart([.. Enumerable.Range(0, Rows)], this, 1)];

    /// <summary>Parts of given rows; one without a token that counts is left out.</summary>
    internal IReadOnlyList<BatchPart> PartsOf(IEnumerable<int[]> parts)
    {
        double all = Predicted().Count();
        return [.. parts.Select(rows => (Rows: rows, Tokens: Select(rows))).Select(part => new BatchPart(part.Rows, part.Tokens, part.Tokens.Predicted().Count() / all)).Where(part => part.Share > 0)];
    }

    /// <summary>Tokens of a row up to the last that counts.</summary>
    private int CountedLength(int row) => Array.FindLastIndex(Labels, ((row + 1) * Length) - 1, Length, label => label != NoLabel) is var last and >= 0 ? last + 1 - (row * Length) : 0;
}
